// What a sender tells workers about hosts: their connection variables with all
// templates and encrypted values read, and nothing else of the inventory.
import { InventoryError } from "../../../errors.ts";
import {
  CONNECTION_VARIABLES,
  connectionSettings,
} from "../../../inventory/connection/connection_settings.ts";
import { TemplateScope } from "../../../inventory/connection/connection_template.ts";
import type { Host } from "../../../inventory/inventory.ts";
import { UnsafeText } from "../../../inventory/secret_value.ts";
import { ExactNumber } from "../../../json/exact_number.ts";
import type { BecomeMethod } from "../../become/become.ts";
import { checkSshWords } from "./safe_ssh_words.ts";
import type { SentHost } from "./sent_call.ts";
import { ANY_SITE, checkSite } from "../server/nats_subjects.ts";

/** A host's connection variables for a worker. */
export interface SentVariables {
  readonly vars: SentHost["vars"];
  /** Whether a password is among them. */
  readonly hasSecrets: boolean;
}

/**
 * The connection variables of a host.
 *
 * @param options `becomeMethod`: one that wins over the host's; `needsPython`:
 *   whether a gate will be opened.
 * @throws {InventoryError} when one cannot be used, or not over NATS.
 */
export async function sentVariables(
  host: Host,
  { becomeMethod, needsPython, needsBecome }: {
    becomeMethod: BecomeMethod | undefined;
    needsPython: boolean;
    needsBecome: boolean;
  },
): Promise<SentVariables> {
  const settings = await connectionSettings(host, { becomeMethod });
  if (settings.connection === "local") throw isLocal(host.name);
  checkSshWords(host.name, settings.sshArgs);
  const { pythonInterpreter: python } = settings;
  if (needsPython && python instanceof InventoryError) throw python;
  const scope = new TemplateScope(host, host.vars);
  const vars: Record<string, string | number | boolean> = {};
  for (const name of settings.variables) {
    if (isPassword(name)) continue;
    if (name.endsWith("python_interpreter") && typeof python !== "string") {
      continue;
    }
    const value = plainOf(await scope.read(name));
    if (value !== undefined) vars[name] = value;
  }
  const password = await settings.password?.reveal();
  if (password !== undefined) vars.ansible_password = password;
  const become = needsBecome || settings.become.enabled
    ? await settings.become.password?.reveal()
    : undefined;
  if (become !== undefined) vars.ansible_become_password = become;
  return { vars, hasSecrets: (password ?? become) !== undefined };
}

const PASSWORDS: ReadonlySet<string> = new Set([
  ...CONNECTION_VARIABLES.password,
  ...CONNECTION_VARIABLES.becomePassword,
]);

/** `ansible_sudo_pass` too. */
function isPassword(name: string): boolean {
  return PASSWORDS.has(name) || /_pass(?:word)?$/.test(name);
}

function plainOf(value: unknown): string | number | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof ExactNumber) return String(value);
  if (value instanceof UnsafeText) return value.text;
  return String(value);
}

/** The error of a host that is this machine. */
export function isLocal(host: string): InventoryError {
  return new InventoryError(
    `Cannot use NATS for ${host}: its connection is local, which is this machine`,
    { host, hint: "Leave it out with -l, or run on it without --nats" },
  );
}

/**
 * The site of a host; that of all workers when it has none.
 *
 * @throws {InventoryError} when `ftl_site` cannot be the name of a site.
 */
export function siteOf({ name, vars }: Host): string {
  const site = Object.hasOwn(vars, "ftl_site") ? vars.ftl_site : undefined;
  if (site === undefined || site === null || site === "") return ANY_SITE;
  try {
    return checkSite(String(site));
  } catch (cause) {
    throw new InventoryError(
      `Cannot use ftl_site of ${name}: ${(cause as Error).message}`,
      { host: name, cause },
    );
  }
}

/** A host as a worker has it. What it is told is never a template. */
export function receivedHost({ name, vars }: SentHost): Host {
  const own: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(vars)) {
    own[key] = typeof value === "string" ? new UnsafeText(value) : value;
  }
  return { name, groups: [], vars: Object.freeze(own) };
}
