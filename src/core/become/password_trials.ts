// Passwords for becoming another user, which many hosts may share. One that has
// not let anybody through yet is tried on one host at a time, as those for
// logging in are: forty wrong tries at once lock a central account.
import { GateError } from "../../errors.ts";
import { PasswordRefused, Passwords } from "../../transport/ssh/passwords.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type { Become } from "./become.ts";
import type { BecomeVerdict } from "./elevate.ts";

/** How long the others wait for one host: longer than a wrong password takes. */
const TRIAL_MS = 4_000;

/** Leave to use a password once; whoever has it must say what came of it. */
export interface BecomeTrial {
  readonly password: string | undefined;
  end(verdict: BecomeVerdict): void;
}

/** The passwords of a fleet. */
export class BecomeTrials {
  readonly #passwords = new Map<string, Tried>();
  /** The last one that a host has refused. */
  readonly #refused = new Map<string, string>();
  readonly #secrets: Set<string>;

  /** @param secrets Is given every password before it is used. */
  constructor(secrets: Set<string>) {
    this.#secrets = secrets;
  }

  /**
   * Waits until a host's turn has come.
   *
   * @throws {GateError} when another host has refused the same password.
   * @throws {InventoryError} when the password cannot be read.
   */
  async take(endpoint: Endpoint, become: Become): Promise<BecomeTrial> {
    const password = await become.password(endpoint);
    if (!password) return { password: undefined, end: () => {} };
    this.#secrets.add(password);
    const { passwords, texts } = this.#of(become);
    texts.set(endpoint, password);
    try {
      const trial = (await passwords.take(endpoint))!;
      const timer = setTimeout(() => trial.end("unknown"), TRIAL_MS);
      const end = (verdict: BecomeVerdict) => {
        clearTimeout(timer);
        if (verdict === "refused") this.#refused.set(keyOf(become), password);
        trial.end(verdict);
      };
      return { password, end };
    } catch (cause) {
      if (!(cause instanceof PasswordRefused)) throw cause;
      throw new GateError(`Cannot become ${become.user}: ${cause.message}`, {
        phase: "become",
        hint:
          "Give the right one; where hosts have different ones, give them in ansible_become_password, without -K",
        cause,
      });
    }
  }

  /** Asks somebody for a password, and for another than was refused. */
  async ask(endpoint: Endpoint, become: Become): Promise<string | undefined> {
    const refused = this.#refused.get(keyOf(become));
    return await become.ask?.(become, {
      endpoint,
      ...(refused !== undefined && { refused }),
    });
  }

  #of(become: Become): Tried {
    const key = keyOf(become);
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
  /** What is to be tried on a host. */
  readonly texts: WeakMap<Endpoint, string>;
}

/** What has one password: su wants that of the user who is become. */
function keyOf({ method, user }: Become): string {
  return method === "su" ? `su ${user}` : method;
}
