// Lets the first login on a server go ahead of the others of the same user. A
// server may ban an address after a few connections that log in to nothing
// (PerSourcePenalties of OpenSSH 9.8): what it has just refused to one host is not
// tried for another name of the same server.
import { ConnectError } from "../../../errors.ts";
import { within } from "../../../async/deadline.ts";
import type { Endpoint } from "../../transport.ts";
import { ServerRefusal, UnansweredLogin } from "./server_refusals.ts";

/** How long others wait for the first login; a wrong password takes less. */
const WAIT_MS = 4_000;
/** How long a refusal stands: its cause may be mended in the meantime. */
const REFUSAL_MS = 5_000;

/** A login on a server. */
export interface ServerLogin {
  readonly endpoint: Endpoint;
  /** Key of the server and the user. */
  readonly key: string;
  /** True when a login like this one has succeeded before. */
  readonly isExpected: boolean;
  readonly signal: AbortSignal;
  /**
   * Resolves to a text that is the same for logins that offer the same in the same
   * way; undefined when that cannot be known before.
   */
  readonly offers: () => Promise<string | undefined>;
}

interface Refusal {
  readonly error: ConnectError;
  /** What was refused; undefined: anything. */
  readonly offered: string | undefined;
  readonly at: number;
}

/** The error of a first login that nobody answered, for those that wait for it. */
type Unanswered = UnansweredLogin | undefined;

type State = "open" | { readonly over: Promise<Unanswered> };

/** The first logins of a run. */
export class FirstLogins {
  readonly #waitMs: number;
  readonly #nowMs: () => number;
  readonly #states = new Map<string, State>();
  readonly #refusals = new Map<string, Refusal[]>();

  /** @param options `waitMs`: how long others wait for the first login */
  constructor(
    { waitMs = WAIT_MS, nowMs = () => performance.now() }: {
      waitMs?: number;
      nowMs?: () => number;
    } = {},
  ) {
    this.#waitMs = waitMs;
    this.#nowMs = nowMs;
  }

  /**
   * Logs in, once the first login on that server has succeeded or failed.
   *
   * @throws {ConnectError} the error of the login, or one that names the host which
   *   was refused what this one would offer.
   */
  async open<T>(login: ServerLogin, connect: () => Promise<T>): Promise<T> {
    const { key, isExpected, signal } = login;
    if (isExpected) this.#states.set(key, "open");
    for (;;) {
      if (this.#states.get(key) === "open") return await connect();
      await this.#throwIfRefused(login);
      const state = this.#states.get(key);
      if (state === "open") return await connect();
      if (state === undefined) return await this.#lead(login, connect);
      const isOver = state.over.then((unanswered) => ({ unanswered }));
      const end = await within(isOver, {
        ms: this.#waitMs,
        instead: undefined,
      });
      signal.throwIfAborted();
      if (end === undefined) return await connect();
      // Its question was for these as well, and is not asked again at once.
      if (end.unanswered) throw sameRefusal(login.endpoint, end.unanswered);
    }
  }

  async #lead<T>(login: ServerLogin, connect: () => Promise<T>): Promise<T> {
    const { key } = login;
    const over = Promise.withResolvers<Unanswered>();
    let unanswered: Unanswered;
    const state: State = { over: over.promise };
    this.#states.set(key, state);
    try {
      const result = await connect();
      this.#states.set(key, "open");
      this.#refusals.delete(key);
      return result;
    } catch (error) {
      if (this.#states.get(key) === state) this.#states.delete(key);
      if (error instanceof UnansweredLogin) unanswered = error;
      else await this.#note(login, error);
      throw error;
    } finally {
      over.resolve(unanswered);
    }
  }

  async #throwIfRefused(login: ServerLogin): Promise<void> {
    const now = this.#nowMs();
    const refusals = this.#refusals.get(login.key)
      // The same name again: its user has mended something.
      ?.filter(({ at, error }) =>
        now - at < REFUSAL_MS && error.host !== login.endpoint.name
      ) ?? [];
    if (refusals.length === 0) return;
    const mine = await login.offers();
    const refusal = refusals.find(({ offered }) =>
      offered === undefined || offered === mine
    );
    if (refusal) throw sameRefusal(login.endpoint, refusal.error);
  }

  async #note(login: ServerLogin, error: unknown): Promise<void> {
    if (!(error instanceof ConnectError)) return;
    const isForAll = error instanceof ServerRefusal;
    const isRefusal = error.phase === "auth" || error.phase === "hostkey";
    if (!isForAll && (!isRefusal || error.mayPass)) return;
    const offered = isForAll ? undefined : await login.offers();
    if (!isForAll && offered === undefined) return;
    const refusals = this.#refusals.get(login.key) ?? [];
    this.#refusals.set(login.key, [
      ...refusals.filter((one) => one.offered !== offered),
      { error, offered, at: this.#nowMs() },
    ]);
  }
}

function sameRefusal({ name }: Endpoint, first: ConnectError): ConnectError {
  const { phase, hint, host, mayPass, message } = first;
  return new ConnectError(
    `Cannot reach ${name}: it is the same server as ${host}, and would fail in the same way: ${message}`,
    { phase, host: name, hint, mayPass, cause: first },
  );
}
