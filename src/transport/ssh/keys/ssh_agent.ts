// The user's agent. An agent serves one request at a time and drops clients when
// many connect at once. So its keys are listed once per run, and few signatures
// are requested at a time.
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { GetStreamCallback, ParsedKey } from "../library/ssh2.ts";
import { within } from "../../../async/deadline.ts";
import { Semaphore } from "../../../async/semaphore.ts";
import type { Identity, SigningHash } from "./identity.ts";
import { OpenSSHAgent } from "../library/ssh2.ts";

/** How many requests the agent gets at once. */
const SOCKETS = 4;

/** How long the agent may take to list its keys. */
const ANSWER_MS = 3000;

/** The agent behind a socket, shared by all hosts. */
export class SharedAgent {
  readonly #agent: ClosableAgent;
  readonly #turns = new Semaphore({ perKey: SOCKETS, total: SOCKETS });
  readonly #closing = new AbortController();
  #identities: Promise<readonly Identity[]> | undefined;

  constructor(socketPath: string) {
    this.#agent = new ClosableAgent(socketPath);
  }

  /** The agent's keys. Rejects when there is no agent behind the socket. */
  identities(): Promise<readonly Identity[]> {
    return this.#identities ??= this.#inTime(this.#readIdentities());
  }

  /** Makes pending requests to the agent fail. */
  close(): void {
    this.#closing.abort(new Error("the agent is no longer used"));
    this.#agent.close();
  }

  async #inTime<T>(answer: Promise<T[]>): Promise<T[]> {
    const keys = await within(answer, { ms: ANSWER_MS, instead: undefined });
    if (keys !== undefined) return keys;
    throw new Error("It did not answer in time");
  }

  #readIdentities(): Promise<Identity[]> {
    return new Promise((resolve, reject) =>
      this.#agent.getIdentities((error, keys) => {
        if (error) return reject(error);
        const parsed = (keys ?? []) as readonly ParsedKey[];
        resolve(parsed.map((publicKey) => ({
          label: publicKey.comment
            ? `the agent's ${publicKey.comment}`
            : `an ${publicKey.type} key of the agent`,
          publicKey,
          locked: false,
          sign: (data, hash) => this.#sign(publicKey, data, hash),
        })));
      })
    );
  }

  async #sign(
    key: ParsedKey,
    data: Buffer,
    hash: SigningHash | undefined,
  ): Promise<Buffer> {
    const done = await this.#turns.acquire("agent", this.#closing.signal);
    try {
      return await new Promise<Buffer>((resolve, reject) =>
        this.#agent.sign(
          key,
          data,
          hash === undefined ? {} : { hash },
          (error, signature) => signature ? resolve(signature) : reject(error),
        )
      );
    } finally {
      done();
    }
  }
}

/** ssh2's client of an agent, whose sockets can be closed during a request. */
class ClosableAgent extends OpenSSHAgent {
  readonly #sockets = new Set<Duplex>();

  override getStream(callback: GetStreamCallback): void {
    super.getStream?.((error, socket) => {
      if (socket) {
        this.#sockets.add(socket);
        socket.once("close", () => this.#sockets.delete(socket));
      }
      callback(error, socket);
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
