// Renders a run as a table: a row per host, a column per path into its result.
// Only cells are kept during the run; failures come last, as in text.
import {
  emptySummary,
  type HostResult,
  type Status,
  STATUSES,
  type Summary,
} from "../core/call/call.ts";
import type { RunEvent } from "../core/call/run_event.ts";
import { isNumber } from "../json/exact_number.ts";
import { isObject } from "../protocol/body.ts";
import type { Json } from "../protocol/message.ts";
import { escapeLine } from "./escape.ts";
import type { ResultQuery } from "./query.ts";
import { toEntry } from "./result_entry.ts";
import type { Renderer, TextWriter } from "./renderer.ts";
import { createStyle, type Style } from "./style.ts";
import { isFailure, statusText, summaryLine } from "./summary.ts";
import { fitWidth, padWidth, widthOf } from "./width.ts";

/** Options of a table. */
export interface TableOptions {
  /**
   * Paths such as `host`, `status` and `result.uptime`. A path that starts with
   * another name is looked up in the module's own result. `message` is the most
   * informative line of a result. Default: `DEFAULT_COLUMNS`.
   */
  readonly columns?: readonly string[];
  /** Default: false. */
  readonly color?: boolean;
  /** Show only hosts that failed. Default: false. */
  readonly quiet?: boolean;
  /** The terminal's width: lines are cut to it. Default: no limit. */
  readonly width?: number;
  /** Its value is the column `value`. */
  readonly query?: ResultQuery | undefined;
}

/** The default columns of a table. */
const DEFAULT_COLUMNS: readonly string[] = [
  "host",
  "status",
  "rc",
  "duration_ms",
  "message",
];

/** The columns of a table with a query. */
const QUERY_COLUMNS: readonly string[] = ["host", "status", "value"];

interface Cell {
  readonly text: string;
  readonly isNumber: boolean;
}

interface Row {
  readonly status: Status;
  readonly position: number;
  readonly cells: readonly Cell[];
}

interface Run {
  readonly positions: ReadonlyMap<string, number>;
  readonly rows: Row[];
  readonly summary: Summary;
  readonly isCheck: boolean;
  lastT: number;
}

const MAX_CELL = 500;
const GAP = "  ";
const NOTHING = "-";
const MEMBERS = [
  "host",
  "status",
  "changed",
  "rc",
  "duration_ms",
  "phases_ms",
  "result",
  "stdout",
  "stderr",
  "error",
];

/** The columns of every run; others are paths into a result. */
export const COLUMNS: readonly string[] = [...MEMBERS, "message"];

/** Renders each run as a table with a heading, and a summary line. */
export function createTableRenderer(
  write: TextWriter,
  options: TableOptions = {},
): Renderer {
  const columns = options.columns ??
    (options.query ? QUERY_COLUMNS : DEFAULT_COLUMNS);
  const style = createStyle(options.color ?? false);
  const maxCell = options.width === undefined ? Infinity : MAX_CELL;
  let run: Run | undefined;

  function addResult(
    run: Run,
    event: Extract<RunEvent, { event: "result" }>,
  ): void {
    run.summary[event.status]++;
    if (options.quiet && !isFailure(event.status)) return;
    run.rows.push({
      status: event.status,
      position: run.positions.get(event.host) ?? run.positions.size,
      cells: columns.map((column) =>
        cellOf(event, column, {
          max: maxCell,
          isCheck: run.isCheck,
          query: options.query,
        })
      ),
    });
  }

  function finish(run: Run, summary: Summary, durationMs: number): void {
    run.rows.sort((a, b) =>
      STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
      a.position - b.position
    );
    if (run.rows.length > 0) {
      writeRows(write, run.rows, { ...options, columns, style });
    }
    write(
      summaryLine(summary, { durationMs, style, isCheck: run.isCheck }) + "\n",
    );
  }

  return {
    event(event) {
      if (event.event === "run_start") {
        run = {
          positions: new Map(
            event.hosts.map((host, position) => [host, position]),
          ),
          rows: [],
          summary: emptySummary(event.hosts.length),
          isCheck: event.check ?? false,
          lastT: event.t,
        };
      }
      if (run === undefined) return;
      run.lastT = event.t;
      if (event.event === "result") addResult(run, event);
      else if (event.event === "run_end") {
        finish(run, event.summary, event.duration_ms);
        run = undefined;
      }
    },
    close() {
      if (run === undefined) return;
      finish(run, run.summary, run.lastT);
      run = undefined;
    },
  };
}

function writeRows(
  write: TextWriter,
  rows: readonly Row[],
  options: TableOptions & { style: Style },
): void {
  const columns = options.columns ?? DEFAULT_COLUMNS;
  const headings = columns.map((column) => escapeLine(column).toUpperCase());
  const widths = headings.map((heading, i) =>
    rows.reduce(
      (max, row) => Math.max(max, widthOf(row.cells[i]!.text)),
      widthOf(heading),
    )
  );
  const right = columns.map((_, i) =>
    rows.some(({ cells }) => cells[i]!.isNumber) &&
    rows.every(({ cells }) => cells[i]!.isNumber || cells[i]!.text === NOTHING)
  );
  const line = (texts: readonly string[]) => {
    const padded = texts.map((text, i) =>
      padWidth(text, widths[i]!, right[i] ? "left" : "right")
    );
    const whole = padded.join(GAP).trimEnd();
    return options.width === undefined ? whole : fitWidth(whole, options.width);
  };
  write(options.style.bold(line(headings)) + "\n");
  for (const row of rows) {
    const text = line(row.cells.map((cell) => cell.text));
    const isNotable = row.status !== "ok";
    write((isNotable ? options.style.status(row.status, text) : text) + "\n");
  }
}

function cellOf(
  result: HostResult,
  column: string,
  { max, isCheck, query }: {
    max: number;
    isCheck: boolean;
    query: ResultQuery | undefined;
  },
): Cell {
  const value = column === "message"
    ? messageOf(result)
    : column === "value" && query !== undefined
    ? query(result) ?? result.error?.message
    : column === "status"
    ? statusText(result.status, { isCheck })
    : valueAt(result, column);
  if (value === undefined || value === null || value === "") {
    return { text: NOTHING, isNumber: false };
  }
  if (typeof value === "string") {
    // A final newline is not part of the text.
    const text = cellText(value.replace(/\r?\n$/, ""), max) || NOTHING;
    return { text, isNumber: false };
  }
  return {
    text: cellText(
      isNumber(value) ? String(value) : JSON.stringify(value),
      max,
    ),
    isNumber: isNumber(value),
  };
}

function cellText(text: string, max: number): string {
  return fitWidth(escapeLine(text.slice(0, max + 1)), max);
}

// The most informative line of a result: its error, its message, the output of its
// command, or its first warning.
function messageOf(result: HostResult): string | undefined {
  if (result.error !== null) return result.error.message;
  const candidates = isFailure(result.status)
    ? ["msg", "stderr", "stdout"]
    : ["msg", "stdout", "stderr"];
  for (const key of candidates) {
    const text = memberAt(result.result, key);
    if (typeof text === "string" && text.trim() !== "") {
      return [firstLine(text), ...cutNoteOf(text)].join(" ");
    }
  }
  const warning = memberAt(result.result, "warnings.0");
  return typeof warning === "string" ? firstLine(warning) : undefined;
}

/** What a text that was cut ends with: how much is left out. */
function cutNoteOf(text: string): string[] {
  const note = /\n(\[\d+ [\w ]*more were left out\])\n?$/.exec(
    text.slice(-200),
  );
  return note ? [note[1]!] : [];
}

function firstLine(text: string): string {
  return text.trimStart().split("\n", 1)[0]!.trimEnd();
}

/** The value at a path into an entry of `results`, or into the module's result. */
export function valueAt(result: HostResult, path: string): Json | undefined {
  const head = path.split(".", 1)[0]!;
  // An entry is plain JSON: missing members are absent, never undefined.
  const own = MEMBERS.includes(head)
    ? memberAt(toEntry(result) as unknown as Json, path)
    : undefined;
  // The output of a command is a member of its result.
  return own ?? memberAt(result.result, path) ?? own;
}

/**
 * Returns the value at a path of keys and indices separated by dots. A key may
 * contain dots itself: the longest matching key is tried first.
 */
function memberAt(value: Json | undefined, path: string): Json | undefined {
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const key = path.slice(0, end);
    // Own members only: hosts and users choose the keys.
    if (!Object.hasOwn(value, key)) continue;
    const member = (value as Record<string, Json>)[key];
    const found = end === path.length
      ? member
      : memberAt(member, path.slice(end + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
