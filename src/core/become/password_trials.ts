// Passwords for becoming another user, which many hosts may share. A password that
// no host has accepted yet is tried on one host at a time, like login passwords:
// forty wrong attempts at once would lock a central account.
import { GateError } from "../../errors.ts";
import {
  PasswordRefused,
  Passwords,
} from "../../transport/ssh/login/passwords.ts";
import type { Endpoint } from "../../transport/transport.ts";
import { type Become, passwordKey } from "./become.ts";

/** The outcome for a password; `unknown` when it was not tried. */
export type BecomeVerdict = "accepted" | "refused" | "unknown";

/** Permission to use a password once; `end` must follow with the outcome. */
export interface BecomeTrial {
  readonly password: string | undefined;
  end(verdict: BecomeVerdict): void;
}

/** The passwords of a fleet. */
export class BecomeTrials {
  readonly #passwords = new Map<string, Tried>();
  /** The last password that a host refused. */
  readonly #refused = new Map<string, string>();
  readonly #secrets: Set<string>;

  /** @param secrets gets every password before it is used. */
  constructor(secrets: Set<string>) {
    this.#secrets = secrets;
  }

  /**
   * Waits until a host may try its password.
   *
   * @throws {GateError} when another host has refused the same password.
   * @throws {InventoryError} when the password cannot be read.
   */
  async take(endpoint: Endpoint, become: Become): Promise<BecomeTrial> {
    const password = await become.password(endpoint);
    if (!password) return { password, end: () => {} };
    this.#secrets.add(password);
    const { passwords, texts } = this.#of(become);
    texts.set(endpoint, password);
    try {
      const trial = (await passwords.take(endpoint))!;
      const end = (verdict: BecomeVerdict) => {
        if (verdict === "refused") {
          this.#refused.set(passwordKey(become), password);
        }
        trial.end(verdict);
      };
      return { password, end };
    } catch (cause) {
      if (!(cause instanceof PasswordRefused)) throw cause;
      throw new GateError(`Cannot become ${become.user}: ${cause.message}`, {
        phase: "become",
        hint:
          "Correct `become.password`, or give each host its own ansible_become_password without it",
        cause,
      });
    }
  }

  /** Asks the user for a password other than the refused one. */
  async ask(endpoint: Endpoint, become: Become): Promise<string | undefined> {
    const refused = this.#refused.get(passwordKey(become));
    return await become.ask?.(become, {
      endpoint,
      ...(refused !== undefined && { refused }),
    });
  }

  #of(become: Become): Tried {
    const key = passwordKey(become);
    let tried = this.#passwords.get(key);
    if (tried === undefined) {
      const texts = new WeakMap<Endpoint, string>();
      const passwords = new Passwords((endpoint) =>
        Promise.resolve(texts.get(endpoint))
      );
      tried = { passwords, texts };
      this.#passwords.set(key, tried);
    }
    return tried;
  }
}

interface Tried {
  readonly passwords: Passwords;
  /** The password of each host. */
  readonly texts: WeakMap<Endpoint, string>;
}
