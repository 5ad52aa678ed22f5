// What of a call is secret, and may be sent only sealed.
import { isPasswordName } from "../../inventory/password_name.ts";
import { CONNECTION_VARIABLES } from "../../inventory/connection/connection_settings.ts";
import type { Host } from "../../inventory/inventory.ts";
import { FtlError } from "../../errors.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json } from "../../protocol/message.ts";
import type { RunPlan } from "../run/plan_run.ts";
import type { SentSettings } from "./sent_call.ts";

const PASSWORDS = [
  ...CONNECTION_VARIABLES.password,
  ...CONNECTION_VARIABLES.becomePassword,
];

/** What is secret in a run, in words; undefined when nothing is. */
export function secretIn(
  { call, args, masking }: RunPlan,
  { hosts, settings }: { hosts: readonly Host[]; settings: SentSettings },
): string | undefined {
  if (call.noLog) return "a call with --no-log";
  const unmasked = new Set(masking.unmasked);
  const declared = new Set(call.secrets);
  const isSecret = (name: string) =>
    declared.has(name) || (isPasswordName(name) && !unmasked.has(name));
  const found = namesIn(args).find(isSecret) ??
    Object.keys(call.env ?? {}).find(isSecret);
  if (found !== undefined) return `the argument ${found}`;
  if (settings.becomePassword !== undefined) return "the become password";
  if (settings.password !== undefined) return "the login password";
  for (const { name, vars } of hosts) {
    const variable = PASSWORDS.find((each) => Object.hasOwn(vars, each));
    if (variable !== undefined) return `${variable} of ${name}`;
  }
  return undefined;
}

function namesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isObject(value)) return [];
  return Object.entries(value)
    .flatMap(([name, member]) => [name, ...namesIn(member)]);
}

/** The error of a sender that may not send a secret. */
export function notSealed(what: string): FtlError {
  return new FtlError(
    `Cannot send ${what} over NATS: secrets are sent only sealed for the keys of workers`,
    {
      hint: "Name the keys that ftl worker --show-key prints with --worker-key",
    },
  );
}
