// The console's reports on hosts and gates, and its help, as text. Pure. Text
// from hosts and inventories is escaped.
import { parseExact } from "../../json/exact_json.ts";
import { stringifyExact } from "../../json/exact_number.ts";
import type { Host } from "../../inventory/inventory.ts";
import { createMask } from "../../core/result/mask.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { foldNames } from "../../inventory/fold.ts";
import { withoutNames } from "../../output/without_names.ts";
import { columnsText } from "../../output/columns.ts";
import { escapeLine } from "../../output/escape.ts";
import { durationText } from "../../output/summary.ts";
import { fitWidth } from "../../output/width.ts";
import { createCut } from "../../output/text/cut.ts";
import { memberLines } from "../../output/text/value.ts";
import { CLOSED, type GateState } from "./gate_state.ts";
import { type ConsoleWord, findWord, WORDS } from "./words.ts";

/** The data that reports show. */
export interface ReportWorld {
  readonly gates: ReadonlyMap<string, GateState>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Chosen {
  readonly hosts: readonly string[];
}

/** The chosen hosts by state, with the reason of a failure below; `:hosts`. */
export function hostsText({ hosts }: Chosen, world: ReportWorld): string {
  const gateOf = (name: string) => world.gates.get(name) ?? CLOSED;
  const groups = groupBy(
    hosts,
    (name) => stateText(gateOf(name), { without: name }),
  );
  const count = hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
  return `${count}\n` +
    [...groups.values()].map((names) => {
      const { reason } = gateOf(names[0]!);
      const shown = reason === undefined
        ? []
        : [names.length === 1 ? reason : withoutNames(reason, names[0]!)];
      return [
        `  ${names.length} ${nameOfState(gateOf(names[0]!))}: ${fold(names)}`,
        ...shown.map((text) => `    ${escapeLine(text)}`),
      ].join("\n") + "\n";
    }).join("");
}

/** A table of gates, equal ones in one row; `:gates`. */
export function gatesText({ hosts }: Chosen, world: ReportWorld): string {
  const groups = groupBy(hosts, (name) => {
    const gate = world.gates.get(name) ?? CLOSED;
    const age = gate.state === "open" && gate.openedAt !== undefined
      ? ageText(world.now - gate.openedAt)
      : "";
    const cells = [
      stateText(gate, { without: name }),
      gate.python ?? "",
      age,
      `${gate.calls}`,
    ];
    return JSON.stringify(cells);
  });
  const rows = [...groups].map(([cells, names]) => {
    const [state, python, age, calls] = JSON.parse(cells);
    const only = names.length === 1 ? world.gates.get(names[0]!) : undefined;
    const shown = only ? stateText(only) : state;
    return [shortNames(names), python, age, calls, shown];
  });
  return columnsText([["HOSTS", "PYTHON", "AGE", "CALLS", "STATE"], ...rows]);
}

/** A host's groups and variables; passwords and other secrets are masked. */
export function varsText(host: Host, secrets: ReadonlySet<string>): string {
  // JSON turns an encrypted value into its ciphertext.
  const vars = parseExact(stringifyExact(host.vars)) as JsonObject;
  const shown = createMask({ args: vars, growing: secrets }).args(vars);
  const lines = Object.entries(shown).toSorted(([a], [b]) => a < b ? -1 : 1)
    .flatMap(([name, value]) =>
      memberLines(name, value, createCut({ whole: true }))
    );
  const groups = host.groups.length === 0 ? "none" : host.groups.join(", ");
  return [
    `${escapeLine(host.name)}, groups: ${escapeLine(groups)}`,
    ...lines.map((line) => `  ${line}`),
  ].join("\n") + "\n";
}

/** The help of the console, or of one command. */
export function helpText(name: string): string {
  if (name !== "") {
    const { usage, help, name: found } = findWord(name.replace(/^:/, ""));
    return `:${found} ${usage}`.trimEnd() + `\n  ${help}\n`;
  }
  const usages = [
    ["MODULE KEY=VALUE…", "call a module on the chosen hosts"],
    ["!COMMAND", "run a shell command on the chosen hosts"],
    ...(WORDS as readonly ConsoleWord[]).map(({ name, usage, help }) => [
      `:${name} ${usage}`.trimEnd(),
      help,
    ]),
  ];
  const width = Math.max(...usages.map(([usage = ""]) => usage.length));
  const rows = usages.map(([usage = "", help = ""]) =>
    `  ${usage.padEnd(width)}  ${help}\n`
  );
  return rows.join("") + KEYS;
}

const MAX_NAMES = 40;

const KEYS = `
Tab completes, and ^R searches the history. During a call, Enter lists the
pending hosts, and ^C ends the call. A line continues after an open quote, or a
\\ at its end. A line that starts with a space is not kept in the history.
Results that are cut end in (:last); :last shows them in full.
Patterns: web, db*, web[01-20], a:&b, a:!b, @file, @last:failed
`;

/** A state; without a host's name, so that equal states compare equal. */
function nameOfState({ state }: Pick<GateState, "state">): string {
  return state === "failed" ? "failed to open" : state;
}

function stateText(
  { state, reason }: GateState,
  { without }: { without?: string } = {},
): string {
  const text = nameOfState({ state });
  if (reason === undefined) return text;
  return `${text} (${
    without === undefined ? reason : withoutNames(reason, without)
  })`;
}

/** Coarse, so that gates that opened together show the same age. */
function ageText(ms: number): string {
  if (ms < 10_000) return "<10 s";
  return ms < 60_000
    ? `${Math.floor(ms / 10_000) * 10} s`
    : durationText(Math.floor(ms / 60_000) * 60_000).replace(/ 0 s$/, "");
}

/** Host names, short enough to leave room for other columns. */
function shortNames(names: readonly string[]): string {
  const count = names.length === 1 ? "" : ` (${names.length})`;
  return fitWidth(foldNames(names), MAX_NAMES) + count;
}

function fold(names: readonly string[]): string {
  return escapeLine(foldNames(names));
}

function groupBy(
  names: readonly string[],
  keyOf: (name: string) => string,
): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = keyOf(name);
    const group = groups.get(key);
    if (group) group.push(name);
    else groups.set(key, [name]);
  }
  return groups;
}
