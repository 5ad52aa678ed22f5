// Shows the differences that a module reports as a unified diff. The shapes are
// those of Ansible's `diff`: an object or a list of objects, each with `before`
// and `after`, or with a `prepared` text.
import { isObject } from "../../protocol/body.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import { escapeLine, escapeText } from "../escape.ts";
import type { Style } from "../style.ts";
import { countLines, type Cut, endOfLines } from "./cut.ts";
import { type DiffLine, unifiedDiff } from "./unified.ts";

const MAX_LINES = 200;
/** More lines of one text would keep all hosts waiting while they are compared. */
const MAX_COMPARED = 100_000;
const MAX_WIDTH = 2000;

/** The lines of a module's `diff`; none if it is empty or has another shape. */
export function diffLines(
  diff: Json,
  options: { style: Style; cut: Cut },
): string[] {
  const parts = Array.isArray(diff) ? diff : [diff];
  return parts.flatMap((part) =>
    isObject(part)
      ? options.cut.lines([...linesOfPart(part, options)], { max: MAX_LINES })
      : []
  );
}

/** Styles the lines of a unified diff; their text must be escaped. */
export function styleDiff(lines: readonly DiffLine[], style: Style): string[] {
  return lines.map(({ kind, text }) => {
    if (kind === "+") return style.added("+" + text);
    if (kind === "-") return style.removed("-" + text);
    return kind === "@" ? style.dim(text) : " " + text;
  });
}

function* linesOfPart(
  part: JsonObject,
  { style, cut }: { style: Style; cut: Cut },
): Generator<string> {
  for (const [key, why] of SKIPPED) {
    if (part[key]) yield style.dim(`diff omitted by the module: ${why}`);
  }
  if (typeof part.prepared === "string") {
    for (const line of cut.split(part.prepared, MAX_WIDTH)) {
      yield stylePrepared(line, style);
    }
  }
  if (part.before === undefined && part.after === undefined) return;
  const lines = unifiedDiff(
    linesWithEnds(part.before ?? ""),
    linesWithEnds(part.after ?? ""),
  );
  const left = linesLeft(part.before) + linesLeft(part.after);
  if (left > 0) yield style.dim(`${left} more lines were not compared`);
  if (lines.length === 0) return;
  yield style.removed("--- " + headerText(part.before_header, "before", cut));
  yield style.added("+++ " + headerText(part.after_header, "after", cut));
  for (const { kind, text } of lines) {
    const ended = text.endsWith("\n") || kind === "@";
    const shown = ended && kind !== "@" ? text.slice(0, -1) : text;
    yield* styleDiff(
      [{ kind, text: escapeText(cut.text(shown, MAX_WIDTH)) }],
      style,
    );
    if (!ended) yield style.dim("\\ No newline at end of file");
  }
}

const SKIPPED: readonly [key: string, why: string][] = [
  ["src_binary", "the source is a binary file"],
  ["dst_binary", "the destination is a binary file"],
  ["src_larger", "the source is too large"],
  ["dst_larger", "the destination is too large"],
];

function stylePrepared(line: string, style: Style): string {
  if (line.startsWith("+")) return style.added(line);
  if (line.startsWith("-")) return style.removed(line);
  return line.startsWith("@@") ? style.dim(line) : line;
}

function headerText(
  header: Json | undefined,
  fallback: string,
  cut: Cut,
): string {
  return typeof header === "string" && header !== ""
    ? escapeLine(cut.text(header, MAX_WIDTH))
    : fallback;
}

// Lines keep their newlines, so that a missing final newline is a difference.
function linesWithEnds(value: Json): string[] {
  const text = textOf(value);
  return text.slice(0, endOfLines(text, MAX_COMPARED))
    .match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** How many lines of a value are not compared. */
function linesLeft(value: Json = ""): number {
  const text = textOf(value);
  return countLines(text.slice(endOfLines(text, MAX_COMPARED)));
}

function textOf(value: Json): string {
  return typeof value === "string"
    ? value
    : JSON.stringify(sortKeys(value), null, 2) + "\n";
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  // fromEntries defines own members, so a key like __proto__ is harmless.
  return Object.fromEntries(
    sorted.map(([key, member]) => [key, sortKeys(member)]),
  );
}
