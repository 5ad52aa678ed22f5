// Renders a run for people: identical results once under the folded names of
// their hosts, failures last, and a summary line. Groups are shown when the run
// has ended or makes no progress; streamed output is shown as it arrives.
import {
  emptySummary,
  type Status,
  type Summary,
} from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import { foldNames } from "../../inventory/fold.ts";
import { escapeLine, toJsonText } from "../escape.ts";
import type { ResultQuery } from "../query.ts";
import type { Renderer, TextWriter } from "../renderer.ts";
import { createStyle, type Style } from "../style.ts";
import {
  durationText,
  isFailure,
  statusText,
  summaryLine,
} from "../summary.ts";
import { createCut } from "./cut.ts";
import { styleDiff } from "./diff.ts";
import { createGroups, type Groups, type ResultGroup } from "./group.ts";
import { showResult } from "./result_text.ts";
import { createOutputStream, type OutputStream } from "./stream_lines.ts";
import { wrapWords } from "../width.ts";
import { unifiedDiff } from "./unified.ts";
import { valueLines } from "./value.ts";

/** Options of text. */
export interface TextOptions {
  /** Default: false. */
  readonly color?: boolean;
  /** The number of `-v`; from 1 on, nothing is cut or left out. Default: 0. */
  readonly verbosity?: number;
  /** Cut nothing. Default: false. */
  readonly whole?: boolean;
  /** How users see text that was cut. Default: `-v`. */
  readonly remedy?: string | undefined;
  /** Show progress as it is reported. Default: only from `-v` on. */
  readonly stream?: boolean;
  /** How users see what even `-v` omits. Default: `--format json`. */
  readonly fullRemedy?: string | undefined;
  /** How many lines of a program's output are shown. Default: 500,000. */
  readonly maxTail?: number | undefined;
  /** The terminal's width: hints are broken between words. Default: no limit. */
  readonly width?: number | undefined;
  /** Show only failures and the summary. Default: false. */
  readonly quiet?: boolean;
  /** Show how results differ from the most frequent one. Default: false. */
  readonly diffHosts?: boolean;
  /** What is shown of results that are not failures. Default: all of it. */
  readonly query?: ResultQuery | undefined;
}

interface Run {
  readonly groups: Groups;
  readonly stream: OutputStream;
  readonly streamed: Set<string>;
  readonly pending: Set<string>;
  readonly summary: Summary;
  /** How the results of this run are shown. */
  readonly shown: { isCheck: boolean; isShell: boolean };
  lastT: number;
}

const MAX_NAMES = 1000;
const INDENT = "  ";

/** A phase and what failed in it, or a hint. */
const ERROR_LINE =
  /^(?:resolve|connect|hostkey|auth|become|python|upload|start|call|hint): /;

/** Renders runs as text for people; the same events give the same text. */
export function createTextRenderer(
  write: TextWriter,
  options: TextOptions = {},
): Renderer {
  const style = createStyle(options.color ?? false);
  const verbosity = options.verbosity ?? 0;
  const isWhole = verbosity > 0 || (options.whole ?? false);
  const showsProgress = verbosity > 0 || (options.stream ?? false);
  const { remedy, fullRemedy, maxTail } = options;
  const cut = createCut({ whole: isWhole, remedy, fullRemedy, maxTail });
  const { width = Infinity } = options;
  let run: Run | undefined;

  function addResult(
    run: Run,
    event: Extract<RunEvent, { event: "result" }>,
  ): void {
    run.stream.flush(event.host);
    run.pending.delete(event.host);
    run.summary[event.status]++;
    if (options.quiet && !isFailure(event.status)) return;
    if (options.query !== undefined && !isFailure(event.status)) {
      const lines = valueLines(options.query(event), cut);
      run.groups.add(event, { label: statusText(event.status), lines });
      return;
    }
    const streamed = run.streamed.has(event.host);
    run.groups.add(
      event,
      showResult(event, { style, cut, verbosity, streamed, ...run.shown }),
    );
  }

  function finish(run: Run, summary: Summary, durationMs: number): void {
    run.stream.flushAll();
    const groups = run.groups.list();
    const majority = options.diffHosts ? majorityOf(groups) : undefined;
    for (const group of groups) {
      write(groupText(group, { majority, style, verbosity, isWhole, width }));
    }
    if (run.pending.size > 0) {
      const names = namesText([...run.pending], Infinity);
      write(`${style.bold(names)}: no result\n`);
    }
    const { isCheck } = run.shown;
    write(summaryLine(summary, { durationMs, style, isCheck }) + "\n");
  }

  return {
    event(event) {
      if (event.event === "run_start") run = startRun(event, write, style);
      if (run === undefined) return;
      run.lastT = event.t;
      if (event.event === "output") {
        run.streamed.add(event.host);
        run.stream.add(event.host, event.stream, event.text);
      } else if (event.event === "progress" && showsProgress) {
        write(`${escapeLine(event.host)}: ${toJsonText(event.data)}\n`);
      } else if (event.event === "result") {
        addResult(run, event);
      } else if (event.event === "run_end") {
        finish(run, event.summary, event.duration_ms);
        run = undefined;
      }
    },
    flush() {
      // Failures are shown at the end, and comparison needs all results.
      if (run === undefined || options.diffHosts) return;
      const groups = run.groups.take((status) => !isFailure(status));
      for (const group of groups) {
        const majority = undefined;
        write(groupText(group, { majority, style, verbosity, isWhole, width }));
      }
    },
    close() {
      if (run === undefined) return;
      finish(run, run.summary, run.lastT);
      run = undefined;
    },
  };
}

function startRun(
  event: Extract<RunEvent, { event: "run_start" }>,
  write: TextWriter,
  style: Style,
): Run {
  return {
    groups: createGroups(event.hosts),
    stream: createOutputStream(write, { hosts: event.hosts, style }),
    streamed: new Set(),
    pending: new Set(event.hosts),
    shown: {
      isCheck: event.check ?? false,
      isShell: event.module === null ||
        /(?:^|\.)(?:raw|script)$/.test(event.module),
    },
    summary: emptySummary(event.hosts.length),
    lastT: event.t,
  };
}

function groupText(
  group: ResultGroup,
  { majority, style, verbosity, isWhole, width }: {
    majority: ResultGroup | undefined;
    style: Style;
    verbosity: number;
    isWhole: boolean;
    width: number;
  },
): string {
  const max = isWhole || isFailure(group.status) ? Infinity : MAX_NAMES;
  const names = namesText(group.hosts, max);
  const label = style.status(group.status, group.label);
  const times = verbosity > 0 ? ` in ${timesText(group)}` : "";
  const header = `${style.bold(names)}: ${label}${times}\n`;
  const isMinority = majority !== undefined && majority !== group &&
    (group.status === "ok" || group.status === "changed");
  return header +
    (isMinority
      ? differenceText(group, majority, style)
      : indent(wrapErrors(group, width)));
}

/** `web[01-40] (40)`; a single host has no count. */
function namesText(hosts: readonly string[], max: number): string {
  const names = escapeLine(hosts.length === 1 ? hosts[0]! : foldNames(hosts));
  const shown = names.length > max ? names.slice(0, max) + "…" : names;
  return hosts.length === 1 ? shown : `${shown} (${hosts.length})`;
}

function timesText({ shortestMs, longestMs }: ResultGroup): string {
  const shortest = durationText(shortestMs);
  const longest = durationText(longestMs);
  return shortest === longest ? longest : `${shortest} to ${longest}`;
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => line === "" ? "\n" : `${INDENT}${line}\n`).join(
    "",
  );
}

/** Breaks the error at the start of a failure, and its hint, between words. */
function wrapErrors(
  { status, lines }: ResultGroup,
  width: number,
): readonly string[] {
  if (!isFailure(status)) return lines;
  const end = lines.findIndex((line) => !ERROR_LINE.test(line));
  const errors = end < 0 ? lines : lines.slice(0, end);
  const wrap = { width: width - INDENT.length, indent: INDENT };
  return [
    ...errors.flatMap((line) => wrapWords(line, wrap)),
    ...lines.slice(errors.length),
  ];
}

// In each status, the largest group is first.
function majorityOf(groups: readonly ResultGroup[]): ResultGroup | undefined {
  const first = (status: Status) =>
    groups.find((group) => group.status === status);
  const ok = first("ok");
  const changed = first("changed");
  if (ok === undefined || changed === undefined) return ok ?? changed;
  return changed.hosts.length > ok.hosts.length ? changed : ok;
}

function differenceText(
  group: ResultGroup,
  majority: ResultGroup,
  style: Style,
): string {
  const difference = unifiedDiff(
    majority.lines.map(withoutStyle),
    group.lines.map(withoutStyle),
  );
  const name = namesText(majority.hosts, MAX_NAMES);
  if (difference.length === 0) return `  same as ${name}\n`;
  return indent([
    `differs from ${name}:`,
    ...styleDiff(difference, style),
  ]);
}

// Text from hosts is escaped, so only our own styles match.
function withoutStyle(line: string): string {
  // deno-lint-ignore no-control-regex
  return line.replace(/\x1b\[[\d;]*m/g, "");
}
