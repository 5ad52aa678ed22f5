// Advice for a line whose module does not exist: it lacks a `:` or a `!`, or it
// is a command of another program's console. Pure.
import { foldNames } from "../../inventory/fold.ts";
import { wordWithoutColon } from "./line.ts";
import { mayKeep } from "./secrecy.ts";
import type { WordName } from "./words.ts";

/** What other consoles and shells call the commands of this one. */
const OTHER_NAMES: ReadonlyMap<string, WordName> = new Map([
  ["cd", "use"],
  ["forks", "fanout"],
  ["list", "hosts"],
  ["exit", "quit"],
  ["logout", "quit"],
  ["become_user", "become"],
]);

/** Longer lines are not repeated. */
const MAX_REPEATED = 60;

/** Suggests what a line that names no module may mean: one sentence. */
export function adviseLine(line: string): string {
  const [, first = "", rest = ""] = /^(\S*)\s*([^]*)$/.exec(line.trim()) ?? [];
  const word = wordWithoutColon(line) ?? OTHER_NAMES.get(first);
  if (word === undefined) {
    return `Put ! before a shell command${repeated(`!${line.trim()}`)}`;
  }
  const operand = word === "check" || word === "diff" || word === "become"
    ? rest.replace(/^(?:yes|true)$/i, "on").replace(/^(?:no|false)$/i, "off")
    : rest;
  return "Put a colon before a command of the console" +
    repeated(`:${word} ${word === "quit" ? "" : operand}`.trimEnd());
}

/** The line to type, unless it is long or may hold a secret. */
function repeated(line: string): string {
  const isShown = line.length <= MAX_REPEATED && !line.includes("\n") &&
    mayKeep(line);
  return isShown ? `: ${line}` : "";
}

/** A host whose connection took so long is worth dropping. */
const SLOW_MS = 3_000;

/** The results that `adviseDrop()` reads. */
interface Waited {
  readonly host: string;
  readonly status: string;
  readonly duration_ms: number;
}

/**
 * Suggests `:drop` for unreachable hosts that each later call would wait for
 * again; undefined when no host, or every host, is one.
 */
export function adviseDrop(results: Iterable<Waited>): string | undefined {
  const all = [...results];
  const slow = all.filter(({ status, duration_ms }) =>
    status === "unreachable" && duration_ms >= SLOW_MS
  );
  if (slow.length === 0 || slow.length === all.length) return undefined;
  const seconds = Math.round(
    slow.reduce((most, { duration_ms }) => Math.max(most, duration_ms), 0) /
      1000,
  );
  const names = foldNames(slow.map(({ host }) => host));
  return `Each call waits ${seconds} s for ${names}: :drop @last:unreachable ` +
    "leaves such hosts out\n";
}
