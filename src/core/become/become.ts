// The user that calls run as on a host. Settings for all hosts win over the host's
// variables.
import { InventoryError } from "../../errors.ts";
import type { BecomeSettings } from "../../inventory/connection/connection_settings.ts";
import type { Endpoint } from "../../transport/transport.ts";

/** A program that runs commands as another user. */
export type BecomeMethod = "sudo" | "su" | "doas";

/** Whose password each method asks for. */
const ASKS_FOR: Readonly<Record<BecomeMethod, "login user" | "become user">> = {
  sudo: "login user",
  su: "become user",
  doas: "login user",
};

/** The programs that run commands as another user. */
export const BECOME_METHODS: readonly BecomeMethod[] = Object.keys(
  ASKS_FOR,
) as BecomeMethod[];

/** A become user, and how to become that user. */
export interface Become {
  readonly method: BecomeMethod;
  readonly user: string;
  /** The program's path. Default: the method's name, found on the host's PATH. */
  readonly executable?: string | undefined;
  /** Options of the program. Default: `-H` for sudo. */
  readonly flags?: readonly string[] | undefined;
  /**
   * Returns the password that the program may ask for; undefined for none.
   *
   * @throws {InventoryError} when it is encrypted or its template fails.
   */
  password(endpoint: Endpoint): Promise<string | undefined>;
  /** Asks the user for the password when the program wants one and none is known. */
  readonly ask?: AskBecomePassword | undefined;
}

/** Asks the user; `refused` is the wrong password that was given before. */
export type AskBecomePassword = (
  become: Pick<Become, "method" | "user">,
  options: { endpoint: Endpoint; refused?: string },
) => Promise<string | undefined>;

/** Settings for all hosts; they win over the hosts' variables. */
export interface BecomeOverrides {
  enabled?: boolean | undefined;
  method?: BecomeMethod | undefined;
  user?: string | undefined;
  /** Returns the password. Default: that of the host's variables. */
  password?: ((endpoint: Endpoint) => Promise<string | undefined>) | undefined;
  /** Asks the user when a host wants a password and none is known. Costs a round trip. */
  ask?: AskBecomePassword | undefined;
}

/**
 * The user that calls run as on a host; undefined for the login user.
 *
 * @throws {InventoryError} when the method is unknown.
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
      `Cannot use ansible_become_method of ${host}: unknown become method '${method}'`,
      {
        host,
        hint: `Use ${BECOME_METHODS.join(", ").replace(/, (?=\w+$)/, " or ")}`,
      },
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

/** The key of a password: the same for all become users of sudo or doas. */
export function passwordKey(
  { method, user }: Pick<Become, "method" | "user">,
): string {
  return ASKS_FOR[method] === "become user" ? `${method} ${user}` : method;
}

/** The key of a user on a host; empty for the login user. */
export function becomeKey(become: Become | undefined): string {
  if (become === undefined) return "";
  const { method, user, executable = "", flags = [] } = become;
  return JSON.stringify([method, user, executable, ...flags]);
}

function isMethod(method: string): method is BecomeMethod {
  return (BECOME_METHODS as readonly string[]).includes(method);
}
