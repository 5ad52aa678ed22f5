// Checks a call's arguments before any host is contacted: names that the module
// does not take, values that are not among the choices, and required arguments that
// are missing. Only what is certain to fail is refused; the module on the host
// checks the rest, as in Ansible.
import { BuildError } from "../../errors.ts";
import type { SpecEntry } from "../../gate/modules/argument_spec.ts";
import type { ArgumentRules } from "../../gate/modules/argument_rules.ts";
import { suggest } from "../../gate/modules/suggest_module.ts";
import { isNumber } from "../../json/exact_number.ts";
import type { Json } from "../../protocol/message.ts";
import { findAction } from "../actions/registry.ts";
import type { ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";

/** The most names that a hint lists when none is similar. */
const MAX_LISTED = 30;
const FORCE = "To run it anyway, use `forceArgs`";

/**
 * Checks the arguments of a call of a module. Contacts no host.
 *
 * @throws {BuildError} when the module is certain to refuse them.
 */
export async function checkArguments(
  call: ModuleCall,
  fleet: HostFleet,
): Promise<void> {
  const { module, args = {}, native, moduleOnly = false } = call;
  // A free form holds what it likes.
  if (native || Object.hasOwn(args, "_raw_params")) return;
  const action = moduleOnly
    ? undefined
    : (await findAction(module, fleet)).action;
  if (action?.takesAny || action?.instead !== undefined) return;
  const rules = await fleet.argumentRules(module);
  if (rules === undefined) return;
  const isAction = action !== undefined;
  await refuseUnknown(call, rules, isAction);
  const { entries } = rules;
  if (entries === undefined) return;
  refuseChoices(call, entries);
  if (!isAction) refuseMissing(call, entries);
}

async function refuseUnknown(
  { module, args = {} }: ModuleCall,
  rules: ArgumentRules,
  isAction: boolean,
): Promise<void> {
  // Those of Ansible itself and of its actions start with `_`.
  const names = Object.keys(args).filter((name) => !name.startsWith("_"));
  const { unknown, known } = await rules.findUnknown(names, { isAction });
  const [first] = unknown;
  if (first === undefined) return;
  const named = unknown.map((name) => JSON.stringify(name)).join(", ");
  const options = unknown.length === 1 ? "option" : "options";
  throw new BuildError(
    `Cannot run ${module}: it has no ${options} ${named}`,
    { hint: `${adviceFor(first, known)} ${FORCE}` },
  );
}

function adviceFor(name: string, known: readonly string[]): string {
  const similar = suggest(name, known);
  const quoted = similar.map((each) => JSON.stringify(each)).join(" or ");
  if (quoted !== "") return `Did you mean ${quoted}?`;
  if (known.length === 0) return "It takes no options.";
  const more = known.length > MAX_LISTED
    ? ` and ${known.length - MAX_LISTED} more`
    : "";
  return `Use ${[...known].sort().slice(0, MAX_LISTED).join(", ")}${more}.`;
}

function refuseChoices(
  { module, args = {}, secrets = [], noLog }: ModuleCall,
  entries: Readonly<Record<string, SpecEntry>>,
): void {
  for (const [parameter, entry] of Object.entries(entries)) {
    for (const name of [parameter, ...entry.aliases]) {
      if (!Object.hasOwn(args, name)) continue;
      const wrong = wrongChoice(args[name]!, entry);
      if (wrong === undefined) continue;
      const isHidden = noLog || secrets.includes(name);
      const shown = isHidden ? "the given value" : JSON.stringify(wrong);
      const choices = entry.choices!;
      const [near] = suggest(wrong, choices);
      const advice = near ? `Did you mean ${JSON.stringify(near)}? ` : "";
      throw new BuildError(
        `Cannot run ${module}: ${name} cannot be ${shown}, only ${
          choices.join(", ")
        }`,
        { hint: advice + FORCE },
      );
    }
  }
}

/** The text that is not among the choices; undefined when that is not certain. */
function wrongChoice(
  value: Json,
  { choices, type = "str" }: SpecEntry,
): string | undefined {
  if (choices === undefined) return undefined;
  const texts = type === "str"
    ? [textOf(value)]
    : type === "list"
    ? listOf(value)
    : [];
  return texts.find((text) => text !== undefined && !choices.includes(text));
}

function listOf(value: Json): (string | undefined)[] {
  if (Array.isArray(value)) return value.map(textOf);
  const text = textOf(value);
  return text === undefined
    ? []
    : text.split(",").map((part) => textOf(part.trim()));
}

/** A value as text; undefined where Ansible or a template may change it. */
function textOf(value: Json): string | undefined {
  if (typeof value !== "string" && !isNumber(value)) return undefined;
  const text = String(value);
  // Words for true and false are taken for choices like `True`.
  const isBoolean = /^(?:y|yes|on|1|true|t|n|no|off|0|false|f)$/i.test(text);
  return isBoolean || /\{[{%#]/.test(text) ? undefined : text;
}

function refuseMissing(
  { module, args = {} }: ModuleCall,
  entries: Readonly<Record<string, SpecEntry>>,
): void {
  const missing = Object.entries(entries)
    .filter(([name, { isRequired, aliases }]) =>
      isRequired &&
      ![name, ...aliases].some((each) => Object.hasOwn(args, each))
    ).map(([name]) => name);
  if (missing.length === 0) return;
  throw new BuildError(
    `Cannot run ${module}: ${missing.join(", ")} ${
      missing.length === 1 ? "is" : "are"
    } required`,
    { hint: `Add ${missing.map((name) => `${name}=…`).join(" ")}` },
  );
}
