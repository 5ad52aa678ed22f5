// Opens hosts by the means of one client: its agent, and its user's answers to
// questions. The answers are kept for as long as the hosts are open: a host that
// needs a second connection may ask again when the client has left.
import type { SshOptions } from "../../transport/ssh/ssh_transport.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type { Become } from "../become/become.ts";
import { BecomeTrials } from "../become/password_trials.ts";
import { memoryIn } from "../route/transport_to.ts";
import { Transports } from "../route/transports.ts";
import type { HostMemory } from "./host_memory.ts";
import type { MessageSocket } from "./message_socket.ts";
import { errorOf, type PlainError } from "./plain_error.ts";
import { becomeDataKey } from "./session_account.ts";
import type {
  BecomeData,
  ClientHello,
  Question,
  RouteData,
} from "./session_messages.ts";
import type { Opener, SharedHost } from "./shared_hosts.ts";

/** From how many hosts on those that have closed are looked for. */
const PRUNE_AT = 64;

/** Opens hosts for one client. */
export class ClientOpener {
  readonly #socket: MessageSocket;
  readonly #transports: Transports;
  readonly #trials = new BecomeTrials(new Set());
  /** The endpoints of hosts; all others are bastions. */
  readonly #hosts = new WeakSet<object>();
  readonly #waiting = new Map<
    number,
    PromiseWithResolvers<string | undefined>
  >();
  readonly #answers = new Map<string, string>();
  /** The hosts that it opened; those that have closed are forgotten in time. */
  #opened: SharedHost[] = [];
  #pruneAt = PRUNE_AT;
  #lastId = 0;
  #isGone = false;

  constructor(
    socket: MessageSocket,
    { hello: { agentSocket, asks }, memory }: {
      hello: ClientHello;
      memory: HostMemory;
    },
  ) {
    this.#socket = socket;
    const options: SshOptions = {
      agentSocket,
      answersAlone: asks.alone,
      loginMemory: memoryIn(memory.notes),
      password: (endpoint, { refused }) =>
        this.#ask({
          what: "password",
          endpoint,
          isHost: this.#hosts.has(endpoint),
          refused,
        }),
      passphrase: asks.passphrase
        ? (file, { again }) => this.#ask({ what: "passphrase", file, again })
        : undefined,
      answer: asks.answer
        ? (endpoint, question) =>
          this.#ask({ what: "answer", endpoint, question })
        : undefined,
      onAdded: (host, key) => socket.send("Added", { host, key }),
      onDistrust: (host, why) => socket.send("Distrust", { host, why }),
    };
    this.#transports = new Transports(options);
  }

  /** The opener of a host. */
  for(route: RouteData, retries: number): Opener {
    this.#hosts.add(route.endpoint);
    return {
      transports: this.#transports,
      trials: this.#trials,
      retries,
      onFallback: ({ name }, reason) =>
        this.#socket.send("Fallback", { host: name, reason }),
      onOpened: (host) => {
        this.#opened.push(host);
        if (this.#opened.length < this.#pruneAt) return;
        this.#opened = this.#opened.filter(({ link }) => !link.isOver);
        this.#pruneAt = 2 * this.#opened.length + PRUNE_AT;
      },
    };
  }

  /** A become user; the client is asked for the password when it is needed. */
  become(data: BecomeData, link: number): Become {
    const { asks, ...become } = data;
    const key = becomeDataKey(data);
    const question = { what: "become", link, become: key } as const;
    return {
      ...become,
      password: () => this.#ask({ ...question, asks: false }),
      ...(asks && {
        ask: (_: Pick<Become, "method" | "user">, { refused }: {
          endpoint: Endpoint;
          refused?: string;
        }) => this.#ask({ ...question, asks: true, refused }),
      }),
    };
  }

  /** Takes an answer of the client. */
  answered({ answer, error }: Record<string, unknown>, id: number): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error !== undefined) {
      waiting?.reject(errorOf(error as PlainError | undefined));
    } else waiting?.resolve(answer === undefined ? undefined : String(answer));
  }

  /** Whether hosts that it opened are open. */
  get isNeeded(): boolean {
    return this.#opened.some(({ link }) => !link.isOver);
  }

  /** Closes all connections that it opened. */
  close(): void {
    void this.#transports.close();
  }

  /** The client is gone: nobody answers any more. */
  leave(): void {
    this.#isGone = true;
    for (const { resolve } of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
  }

  async #ask(question: Question): Promise<string | undefined> {
    const { refused, ...asked } = question;
    // With its link: a password of one host is never given to another.
    const key = JSON.stringify({ ...asked, again: false });
    if (this.#isGone) {
      const known = this.#answers.get(key);
      return known === refused ? undefined : known;
    }
    const waiting = Promise.withResolvers<string | undefined>();
    const id = ++this.#lastId;
    this.#waiting.set(id, waiting);
    this.#socket.send("Ask", question, id);
    const answer = await waiting.promise;
    if (answer !== undefined && question.what !== "answer") {
      this.#answers.set(key, answer);
    }
    return answer;
  }
}
