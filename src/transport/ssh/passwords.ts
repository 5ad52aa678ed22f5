// Passwords, which many hosts may share. One that has not let anybody in yet is
// tried on one host at a time, because forty wrong tries at once lock an account
// that the hosts have in common.
import type { Endpoint } from "../transport.ts";

/**
 * Gives the password of a user on a host; undefined when there is none.
 * `refused` is the one that it gave before, if that was refused: who has another
 * by now gives that, who can asks somebody, and all others give undefined.
 */
export type AskPassword = (
  endpoint: Endpoint,
  options: { refused?: string },
) => Promise<string | undefined>;

/** What came of a password. `unknown`: the host hung up before it said. */
export type PasswordOutcome = "accepted" | "refused" | "unknown";

/** Leave to try a password once; whoever has it must say what came of it. */
export interface Trial {
  readonly password: string;
  end(outcome: PasswordOutcome): void;
}

interface Tried {
  readonly kind: "tried";
  readonly over: Promise<void>;
}

type State =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly host: string }
  | Tried;

const ACCEPTED: State = { kind: "accepted" };

/** A password that another host has refused, and that is not tried again. */
export class PasswordRefused extends Error {
  override name = "PasswordRefused";
}

/** The passwords of a run. */
export class Passwords {
  readonly #ask: AskPassword;
  /** By user and password. */
  readonly #states = new Map<string, State>();

  constructor(ask: AskPassword) {
    this.#ask = ask;
  }

  /**
   * Waits until a password may be tried on a host.
   *
   * @param options `refused`: the one that this host has just refused.
   * @returns undefined when there is none to try.
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
          `the password was not tried, because ${by} has refused it`,
        );
      }
      const key = `${endpoint.user}\0${password}`;
      let state = this.#states.get(key);
      while (state?.kind === "tried") {
        await state.over;
        state = this.#states.get(key);
      }
      // No waiting from here on, or two would take the untried one.
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
    this.#states.set(key, { kind: "tried", over: over.promise });
    const end = (outcome: PasswordOutcome) => {
      if (this.#states.get(key)?.kind !== "tried") return;
      if (outcome === "accepted") this.#states.set(key, ACCEPTED);
      else if (outcome === "unknown") this.#states.delete(key);
      else this.#states.set(key, { kind: "refused", host: endpoint.name });
      over.resolve();
    };
    return { password, end };
  }
}
