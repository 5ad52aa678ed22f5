// What of a call is secret, and may be sent only sealed.
import { isPasswordName } from "../../../inventory/password_name.ts";
import { CONNECTION_VARIABLES } from "../../../inventory/connection/connection_settings.ts";
import type { Host } from "../../../inventory/inventory.ts";
import { FtlError } from "../../../errors.ts";
import { isObject } from "../../../protocol/body.ts";
import type { Json } from "../../../protocol/message.ts";
import type { RunPlan } from "../../run/plan_run.ts";
import type { SentSettings } from "./sent_call.ts";

const PASSWORDS = [
  ...CONNECTION_VARIABLES.password,
  ...CONNECTION_VARIABLES.becomePassword,
];

/** Something secret in a run. */
export interface SecretPart {
  readonly what: string;
  /** Whether it is in what all hosts get. */
  readonly isForAll: boolean;
}

/** What is secret in a run; undefined when nothing is. */
export function secretIn(
  { call, args, masking }: RunPlan,
  { hosts, settings }: { hosts: readonly Host[]; settings: SentSettings },
): SecretPart | undefined {
  const forAll = (what: string) => ({ what, isForAll: true });
  if (call.noLog) return forAll("a call with --no-log");
  const unmasked = new Set(masking.unmasked);
  const declared = new Set(call.secrets);
  const isSecret = (name: string) =>
    declared.has(name) || (isPasswordName(name) && !unmasked.has(name));
  const found = namesIn(args).find(isSecret) ??
    Object.keys(call.env ?? {}).find(isSecret);
  if (found !== undefined) return forAll(`the argument ${found}`);
  if (settings.becomePassword !== undefined) {
    return forAll("the become password");
  }
  if (settings.password !== undefined) return forAll("the login password");
  for (const { name, vars } of hosts) {
    const variable = PASSWORDS.find((each) => Object.hasOwn(vars, each));
    if (variable === undefined) continue;
    return { what: `${variable} of ${name}`, isForAll: false };
  }
  return undefined;
}

function namesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isObject(value)) return [];
  return Object.entries(value)
    .flatMap(([name, member]) => [name, ...namesIn(member)]);
}

/** The error of a sender that knows no worker's key. */
export function notSealed(what: string): FtlError {
  return new FtlError(
    `Cannot send ${what} over NATS: no worker's key is pinned, and secrets are sealed for pinned keys only`,
    {
      hint:
        "Put the line that ftl worker --show-key prints into ~/.ftl/known_workers",
    },
  );
}

/** The error of a sender without a key that signs. */
export function notSigned(what: string): FtlError {
  return new FtlError(
    `Cannot send ${what} over NATS: no key signs the call`,
    { hint: "Name the key that signs with --sign-key" },
  );
}
