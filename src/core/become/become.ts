// As whom commands run on a host: from what is settings of it to what holds.
import { InventoryError } from "../../errors.ts";
import type { BecomeSettings } from "../../inventory/connection/connection_settings.ts";
import type { Endpoint } from "../../transport/transport.ts";

/** The programs that make one user another. */
export const BECOME_METHODS = ["sudo", "su", "doas"] as const;
export type BecomeMethod = typeof BECOME_METHODS[number];

/** Another user that commands are run as. */
export interface Become {
  readonly method: BecomeMethod;
  readonly user: string;
  /** The program's path. Default: the method's name, found on the host's PATH. */
  readonly executable?: string | undefined;
  /** Options of the program, in place of those that it gets otherwise. */
  readonly flags?: readonly string[] | undefined;
  /**
   * Gives the password that the program may ask for; undefined: none is known.
   *
   * @throws {InventoryError} when it is encrypted or its template fails.
   */
  password(endpoint: Endpoint): Promise<string | undefined>;
  /** Asks somebody for the password where none is known and one is wanted. */
  readonly ask?: AskBecomePassword | undefined;
}

/** Asks somebody; `refused` is the password that was given before, and wrong. */
export type AskBecomePassword = (
  become: Pick<Become, "method" | "user">,
  options: { endpoint: Endpoint; refused?: string },
) => Promise<string | undefined>;

/** What is settings of this for all hosts; it wins over their variables. */
export interface BecomeOverrides {
  enabled?: boolean | undefined;
  method?: BecomeMethod | undefined;
  user?: string | undefined;
  /** In place of those that their variables give. */
  password?: ((endpoint: Endpoint) => Promise<string | undefined>) | undefined;
  /** Asks somebody where a host wants one and none is known. Costs a round trip. */
  ask?: AskBecomePassword | undefined;
}

/**
 * Says whom a host's commands run as; undefined: the user who logged in.
 *
 * @throws {InventoryError} when the method is none that ftl has.
 */
export function resolveBecome(
  host: string,
  settings: BecomeSettings,
  overrides: BecomeOverrides = {},
): Become | undefined {
  if (!(overrides.enabled ?? settings.enabled ?? false)) return undefined;
  const method = overrides.method ?? settings.method ?? "sudo";
  if (!isMethod(method)) {
    throw new InventoryError(
      `Cannot use ansible_become_method of ${host}: ${method} is none that ftl has`,
      { host, hint: "There are sudo, su and doas." },
    );
  }
  return {
    method,
    user: overrides.user ?? settings.user ?? "root",
    executable: settings.executable,
    flags: settings.flags.length > 0 ? settings.flags : undefined,
    password: async (endpoint) =>
      overrides.password
        ? await overrides.password(endpoint)
        : settings.password?.reveal(),
    ask: overrides.ask,
  };
}

/** What tells one user of a host from another; empty for the login user. */
export function becomeKey(become: Become | undefined): string {
  if (become === undefined) return "";
  const { method, user, executable = "", flags = [] } = become;
  return JSON.stringify([method, user, executable, ...flags]);
}

function isMethod(method: string): method is BecomeMethod {
  return (BECOME_METHODS as readonly string[]).includes(method);
}
