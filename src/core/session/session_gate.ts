// A gate that a session keeps open. Calls are sent at once and answered by id; when
// the session is lost, those in flight may have taken effect, and none is repeated.
import { onAbort, untilAbort } from "../../async/abort.ts";
import { ConnectError } from "../../errors.ts";
import type { Gate } from "../../gate/open/open_gate.ts";
import type { CallOptions } from "../../protocol/channel.ts";
import type {
  CallEvent,
  HelloData,
  Reply,
  ReplyTo,
  Request,
} from "../../protocol/message.ts";
import type { LinkedGate } from "../fleet/host_link.ts";
import { keptIds } from "../fleet/kept_ids.ts";
import type { PhaseData } from "./phase_log.ts";
import { errorOf, type PlainError } from "./plain_error.ts";
import type { SocketMessage } from "./message_socket.ts";
import type { SessionClient } from "./session_client.ts";
import type { BecomeData, SentData } from "./session_messages.ts";
import { sessionLost, sessionLostInCall } from "./session_stream.ts";

/** Which gate, and what it tells its link. */
export interface SessionGateOptions {
  readonly link: number;
  readonly become: BecomeData | null;
  readonly archive: { id: string; bytes: Uint8Array };
  readonly host: string;
  /** What this process knows of the host; undefined where the session does. */
  readonly hints: GateHints | undefined;
  readonly onStart: () => void;
  readonly onPack: () => void;
  /** Called with how much was written to the gate, and whether with the archive. */
  readonly onSent: (sent: SentData) => void;
  /** Called with the phases that the host has entered. */
  readonly onPhases: (phases: PhaseData) => void;
}

/** What is known of a host's gates and packs. */
export interface GateHints {
  /** The ids that the host kept the last time. */
  readonly hinted: ReadonlySet<string>;
  /** Called with the ids that it keeps now; see `keptIds()`. */
  readonly onKept: (ids: Iterable<string>) => void;
}

/** A pack that a call sends, and what waits for the gate's reply. */
interface UnsentPack {
  readonly id: string;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** The gate's replies to a call, and to the packs that it has sent, in their order. */
interface ReplyData<R> {
  readonly reply: R;
  readonly stored?: readonly Reply[];
}

/** A gate, in a session. */
export class SessionGate implements LinkedGate {
  readonly channel: LinkedGate["channel"];
  readonly opened: Promise<Pick<Gate, "hello">>;
  readonly packs: Set<string>;
  readonly sending: Promise<void>;
  readonly #client: SessionClient;
  readonly #options: SessionGateOptions;
  readonly #id: number;
  readonly #ready = Promise.withResolvers<void>();
  readonly #hello = Promise.withResolvers<Pick<Gate, "hello">>();
  readonly #closed = Promise.withResolvers<Error | undefined>();
  /** Calls of this client. */
  readonly #calls = new Map<number, (error: Error) => void>();
  /** Packs that the next call sends. */
  readonly #unsent: UnsentPack[] = [];
  /** Calls of others when the gate was taken up. */
  #others = 0;
  #isReady = false;
  #isOpen = false;
  /** Why it cannot be called any more. */
  #ended: Error | undefined;

  constructor(client: SessionClient, options: SessionGateOptions) {
    this.#client = client;
    this.#options = options;
    const { link, become, archive, hints } = options;
    this.packs = new Set(hints?.hinted);
    client.offer(archive);
    this.opened = this.#hello.promise;
    // The session has no way to take a call back.
    this.sending = this.#ready.promise.then(
      () => void (this.#isReady = true),
      () => {},
    );
    for (const { promise } of [this.#ready, this.#hello]) {
      promise.catch(() => {}); // their users get the error
    }
    this.#id = client.start(
      "Gate",
      {
        ...{ link, become },
        archive: archive.id,
        hinted: this.packs.has(archive.id),
      },
      (message) => this.#take(message),
    );
    const pending = () => this.#calls.size + this.#others;
    this.channel = {
      closed: this.#closed.promise,
      get pending() {
        return pending();
      },
      call: (request, options) => this.#call(request, options),
    };
  }

  get isSending(): boolean {
    return this.#isReady;
  }

  get isOpen(): boolean {
    return this.#isOpen && this.isUsable;
  }

  /** Whether it was neither lost nor dropped. */
  get isUsable(): boolean {
    return this.#ended === undefined;
  }

  /** Waits until the session has the gate, or opens it. */
  async ready(signal: AbortSignal): Promise<void> {
    await untilAbort(this.#ready.promise, signal);
  }

  async sendPack({ id, data }: { id: string; data: string }): Promise<Reply> {
    this.packs.add(id);
    this.#options.onPack();
    this.#client.givePack(id, data);
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#unsent.push({ id, resolve, reject });
    const reply = await promise;
    const { hints, archive } = this.#options;
    if (reply.type === "Stored") hints?.onKept([id, archive.id]);
    return reply;
  }

  /** It does not answer: the session ends this client's calls, or the gate. */
  drop(): void {
    this.#client.say("Drop", {}, this.#id);
    this.lose(
      new ConnectError("Lost the gate: it ignored a cancel", {
        phase: "call",
        host: this.#options.host,
      }),
    );
  }

  /** Fails all calls. */
  lose(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#client.end(this.#id);
    this.#ready.reject(error);
    this.#hello.reject(error);
    const failure = this.#client.isOpen
      ? inFlight(error)
      : this.#lostInFlight();
    for (const fail of [...this.#calls.values()]) fail(failure);
    this.#closed.resolve(error);
  }

  #call<R extends Request>(
    request: R,
    { signal, onEvent, onSent }: CallOptions = {},
  ): Promise<ReplyTo<R>> {
    const packs = this.#unsent.splice(0);
    const call = Promise.withResolvers<ReplyTo<R>>();
    for (const pack of packs) call.promise.catch(pack.reject);
    const client = this.#client;
    const refusal = this.#ended ??
      (signal?.aborted ? signal.reason : undefined) ??
      (client.isOpen ? undefined : sessionLost(client, this.#options.host));
    if (refusal !== undefined) {
      call.reject(refusal);
      return call.promise;
    }
    const settle = () => {
      stopListening?.();
      client.end(id);
      this.#calls.delete(id);
    };
    const fail = (error: Error) => {
      settle();
      call.reject(error);
    };
    const sent = packs.length > 0 ? { packs: packs.map(({ id }) => id) } : {};
    const id = client.start(
      "Call",
      { gate: this.#id, request, ...sent },
      (message) => {
        if (message === undefined) return fail(this.#lostInFlight());
        const { type, data } = message;
        if (type === "Event") {
          try {
            return onEvent?.(data.event as CallEvent);
          } catch (error) {
            return fail(error as Error);
          }
        }
        settle();
        this.#options.onSent(data);
        if (type !== "Reply") {
          return call.reject(errorOf(data.error as PlainError | undefined));
        }
        const { reply, stored } = data as unknown as ReplyData<ReplyTo<R>>;
        for (const [at, pack] of packs.entries()) pack.resolve(stored![at]!);
        call.resolve(reply);
      },
    );
    const stopListening = signal &&
      onAbort(signal, () => {
        client.say("Cancel", {}, id);
        if (request.type !== "Call") fail(signal.reason);
      });
    this.#calls.set(id, fail);
    if (request.type === "Call") this.#options.onStart();
    onSent?.(id);
    return call.promise;
  }

  #lostInFlight(): ConnectError {
    return sessionLostInCall(this.#client, this.#options.host);
  }

  #take(message: SocketMessage | undefined): void {
    if (message === undefined) {
      return this.lose(sessionLost(this.#client, this.#options.host));
    }
    const { type, data } = message;
    this.#options.onPhases(data);
    if (type === "Ready") {
      for (const id of data.packs as string[]) this.packs.add(id);
      this.#others = Number(data.pending);
      this.#ready.resolve();
    } else if (type === "Open") {
      const hello = data.hello as HelloData;
      const { archive, hints, onSent } = this.#options;
      const kept = keptIds(hello, { packs: this.packs, archive: archive.id });
      if (kept.length > 0) hints?.onKept(kept);
      this.#isOpen = true;
      onSent(data);
      this.#hello.resolve({ hello });
    } else this.lose(errorOf(data.error as PlainError | undefined));
  }
}

/** What a call fails with when its gate or its link is lost under it. */
function inFlight(error: Error): Error {
  if (!(error instanceof ConnectError) || error.phase !== "start") return error;
  const { message, host, hint } = error;
  return new ConnectError(message, { phase: "call", host, hint });
}
