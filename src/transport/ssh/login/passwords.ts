// Passwords, which many hosts may share. A password that no host has accepted yet
// is tried on one host at a time, because forty wrong attempts at once lock an
// account that the hosts have in common.
import { startTimer } from "../../../async/timer.ts";
import type { Endpoint } from "../../transport.ts";

/**
 * How long other hosts wait for a trial, so that a host that never judges does not
 * keep them waiting; a wrong password takes less.
 */
const TRIAL_MS = 4_000;

/**
 * Gets the password of a user on a host; undefined without one. `refused`
 * is the password that was refused there. The function then returns
 *
 * - another password, when it has one by now;
 * - the user's answer, when it can ask;
 * - undefined otherwise.
 */
export type AskPassword = (
  endpoint: Endpoint,
  options: { refused?: string },
) => Promise<string | undefined>;

/** What the host answered to a password. `unknown`: the connection ended before that. */
export type PasswordOutcome = "accepted" | "refused" | "unknown";

/**
 * Permission to try a password once; `end` must be called with the outcome, and may
 * be called again with a verdict that comes later.
 */
export interface Trial {
  readonly password: string;
  end(outcome: PasswordOutcome): void;
}

interface Tried {
  readonly kind: "tried";
  readonly over: PromiseWithResolvers<void>;
}

type State =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly host: string }
  | Tried;

const ACCEPTED: State = { kind: "accepted" };

/** The password was refused by another host, and is not tried again. */
export class PasswordRefused extends Error {
  override name = "PasswordRefused";
}

/** The passwords of a run. */
export class Passwords {
  readonly #ask: AskPassword;
  readonly #trialMs: number;
  /** By user and password. */
  readonly #states = new Map<string, State>();

  constructor(ask: AskPassword, trialMs: number = TRIAL_MS) {
    this.#ask = ask;
    this.#trialMs = trialMs;
  }

  /** The password for a host, if there is one now. */
  known(endpoint: Endpoint): Promise<string | undefined> {
    return this.#ask(endpoint, {});
  }

  /**
   * Waits until a password may be tried on a host.
   *
   * @param options `refused`: the password that this host has just refused.
   * @returns undefined without a password to try.
   * @throws {PasswordRefused} when the only one was refused elsewhere.
   */
  async take(
    endpoint: Endpoint,
    options: { refused?: string | undefined } = {},
  ): Promise<Trial | undefined> {
    let by: string | undefined;
    for (let { refused } = options;;) {
      const password = await this.#ask(
        endpoint,
        refused === undefined ? {} : { refused },
      );
      if (password === undefined || password === refused) {
        if (by === undefined) return undefined;
        throw new PasswordRefused(
          `the password was not tried, because ${by} refused it`,
        );
      }
      const key = `${endpoint.user}\0${password}`;
      let state = this.#states.get(key);
      while (state?.kind === "tried") {
        await state.over.promise;
        state = this.#states.get(key);
      }
      // Synchronous from here on, or two hosts would try it at the same time.
      if (state?.kind === "accepted") return { password, end: () => {} };
      if (state === undefined) return this.#begin(key, { password, endpoint });
      refused = password;
      by = state.host;
    }
  }

  #begin(
    key: string,
    { password, endpoint }: { password: string; endpoint: Endpoint },
  ): Trial {
    const over = Promise.withResolvers<void>();
    const tried: Tried = { kind: "tried", over };
    this.#states.set(key, tried);
    const end = (outcome: PasswordOutcome) => {
      stop();
      const state = this.#states.get(key);
      if (outcome === "unknown") {
        // A second end must not end the trial that another host has begun since.
        if (state === tried) this.#states.delete(key);
      } else if (state === undefined || state.kind === "tried") {
        // A verdict counts even if it is late; it also ends another host's trial.
        this.#states.set(
          key,
          outcome === "accepted"
            ? ACCEPTED
            : { kind: "refused", host: endpoint.name },
        );
        if (state?.kind === "tried") state.over.resolve();
      }
      over.resolve();
    };
    const stop = startTimer(() => end("unknown"), this.#trialMs);
    return { password, end };
  }
}
