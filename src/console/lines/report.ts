// What the console says of itself, of hosts and of their gates, as text. Pure.
// Whatever came from a host or an inventory is escaped.
import type { Host } from "../../inventory/inventory.ts";
import { createMask } from "../../core/result/mask.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { foldNames } from "../../inventory/fold.ts";
import { withoutNames } from "../../output/alike.ts";
import { columnsText } from "../../output/columns.ts";
import { escapeLine } from "../../output/escape.ts";
import { durationText } from "../../output/summary.ts";
import { fitWidth } from "../../output/width.ts";
import { createCut } from "../../output/text/cut.ts";
import { memberLines } from "../../output/text/value.ts";
import { CLOSED, type GateState } from "./gate_state.ts";
import { type ConsoleWord, findWord, WORDS } from "./words.ts";

/** What reports are made of. */
export interface ReportWorld {
  readonly gates: ReadonlyMap<string, GateState>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Chosen {
  readonly hosts: readonly string[];
}

/** The chosen hosts, those of one state in a line; `:hosts`. */
export function hostsText({ hosts }: Chosen, world: ReportWorld): string {
  const groups = groupBy(hosts, (name) => {
    const gate = world.gates.get(name) ?? CLOSED;
    return escapeLine(stateText(name, gate));
  });
  const count = hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
  return `${count}\n` +
    [...groups].map(([state, names]) =>
      `  ${names.length} ${state}: ${fold(names)}\n`
    ).join("");
}

/** A table of gates, equal ones in one row; `:gates`. */
export function gatesText({ hosts }: Chosen, world: ReportWorld): string {
  const groups = groupBy(hosts, (name) => {
    const gate = world.gates.get(name) ?? CLOSED;
    const age = gate.state === "open" && gate.openedAt !== undefined
      ? ageText(world.now - gate.openedAt)
      : "";
    const cells = [
      stateText(name, gate),
      gate.python ?? "",
      age,
      `${gate.calls}`,
    ];
    return JSON.stringify(cells);
  });
  const rows = [...groups].map(([cells, names]) => {
    const [state, python, age, calls] = JSON.parse(cells);
    return [shortNames(names), python, age, calls, state];
  });
  return columnsText([["HOSTS", "PYTHON", "AGE", "CALLS", "STATE"], ...rows]);
}

/** A host's groups and variables; what is named like a password is masked. */
export function varsText(host: Host): string {
  // Through JSON, so that an encrypted value is its ciphertext and no more.
  const vars: JsonObject = JSON.parse(JSON.stringify(host.vars));
  const shown = createMask({ args: vars }).args(vars);
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

/** What can be typed, or what one word does. */
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
  const rows = usages.map(([usage = "", help = ""]) =>
    `  ${usage.padEnd(USAGE_WIDTH)}  ${help}\n`
  );
  return rows.join("") + KEYS;
}

const USAGE_WIDTH = 19;
const MAX_NAMES = 40;

const KEYS = `
Tab completes, ^R searches the history, ^C ends a call and comes back here,
Enter during a call says who is pending. A line goes on behind an open quote or
a \\ at its end. A line that begins with a blank is not kept in the history.
What results leave out, marked (:last), is shown by :last.
Patterns: web, db*, web[01-20], a:&b, a:!b, @file, @last:failed
`;

/** The same for all hosts that the same has befallen. */
function stateText(name: string, { state, reason }: GateState): string {
  const text = state === "failed" ? "failed to open" : state;
  return reason === undefined
    ? text
    : `${text} (${withoutNames(reason, name)})`;
}

/** Coarse, so that gates opened together are of one age. */
function ageText(ms: number): string {
  if (ms < 10_000) return "<10 s";
  return ms < 60_000
    ? `${Math.floor(ms / 10_000) * 10} s`
    : durationText(Math.floor(ms / 60_000) * 60_000).replace(/ 0 s$/, "");
}

/** A column of names that leaves room for the others. */
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
