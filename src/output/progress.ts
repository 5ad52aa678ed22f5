// Shows the progress of a run on the terminal: a bar, the rate, counts by status,
// and after a few seconds the names of the slowest hosts. A timer redraws it, so
// its cost does not depend on the number of events. Without a terminal it writes
// nothing.
import { emptySummary, STATUSES, type Summary } from "../core/call/call.ts";
import type { RunEvent } from "../core/call/run_event.ts";
import type { Phase } from "../errors.ts";
import { isObject } from "../protocol/body.ts";
import type { Json } from "../protocol/message.ts";
import { foldNames } from "../inventory/fold.ts";
import { escapeLine } from "./escape.ts";
import type { Renderer, TextWriter } from "./renderer.ts";
import { createStyle } from "./style.ts";
import { countsLine, durationText, sizeText } from "./summary.ts";
import { fitWidth } from "./width.ts";

/** Calls `run` once after `ms`; returns a function that cancels this. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/** Options of progress. */
export interface ProgressOptions {
  /** Whether stderr is a terminal; otherwise nothing is written. */
  readonly isTerminal: boolean;
  /** Write a line every ten seconds instead of redrawing one. Default: false. */
  readonly plain?: boolean;
  /** Default: false. */
  readonly color?: boolean;
  /** The terminal's width in columns; read before each drawing. */
  readonly width: () => number;
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
  /** Default: `setTimeout`. */
  readonly setTimer?: SetTimer;
}

/** Live progress. */
export interface Progress extends Renderer {
  /** Wraps a writer to the same terminal, so that its text appears above progress. */
  above(write: TextWriter): TextWriter;
  /** Lists the pending hosts by phase; for Enter and SIGUSR2. */
  pending(): string;
}

interface Run {
  readonly startedAt: number;
  readonly pending: Set<string>;
  /**
   * Pending hosts with their last finished phase (the one that `host_phase`
   * reports), in the order in which their first phase finished.
   */
  readonly active: Map<string, { phase: Phase; since: number }>;
  /** Transferred bytes of files, by host; empty for other calls. */
  readonly bytes: Map<string, number>;
  readonly summary: Summary;
  readonly isCheck: boolean;
}

const REDRAW_MS = 100;
const PLAIN_MS = 10_000;
const NAMES_AFTER_MS = 3000;
const MAX_NAMED = 50;
const BAR_WIDTH = 20;
const BAR_FROM = 60;
const ERASE = "\r\x1b[2K";

/** Shows progress with `write`, which writes to stderr. */
export function createProgress(
  write: TextWriter,
  options: ProgressOptions,
): Progress {
  const now = options.now ?? (() => performance.now());
  const setTimer = options.setTimer ?? setRealTimer;
  const style = createStyle(false);
  const colors = createStyle(options.color ?? false);
  let run: Run | undefined;
  let drawn = "";
  let stopTimer: (() => void) | undefined;

  function tick(): void {
    if (run === undefined) return;
    if (options.plain) write(plainLine(run, now()) + "\n");
    else draw(run);
    schedule();
  }

  function schedule(): void {
    if (!options.isTerminal) return;
    stopTimer = setTimer(tick, options.plain ? PLAIN_MS : REDRAW_MS);
  }

  function draw(run: Run): void {
    // Leave the last column free: some terminals wrap when it is written.
    const width = options.width() - 1;
    const line = fitWidth(barLine(run, now(), width), width);
    if (line === drawn) return;
    // Measure and cut the line first; color the counts afterwards.
    const { summary } = run;
    write(
      ERASE + line.replace(
        countsLine(summary, style, run),
        () => countsLine(summary, colors, run),
      ),
    );
    drawn = line;
  }

  function erase(): void {
    if (drawn !== "") write(ERASE);
    drawn = "";
  }

  function stop(): void {
    stopTimer?.();
    stopTimer = undefined;
    erase();
    run = undefined;
  }

  return {
    event(event) {
      if (event.event === "run_start") {
        stop();
        run = startRun(event, now());
        schedule();
      } else if (event.event === "run_end") {
        stop();
      } else if (run !== undefined) {
        follow(run, event, now());
      }
    },
    close: stop,
    above(target) {
      return (text) => {
        erase();
        target(text);
      };
    },
    pending() {
      return run === undefined ? "" : pendingLines(run, now());
    },
  };
}

function setRealTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

function startRun(
  event: Extract<RunEvent, { event: "run_start" }>,
  now: number,
): Run {
  return {
    startedAt: now,
    pending: new Set(event.hosts),
    active: new Map(),
    bytes: new Map(),
    summary: emptySummary(event.hosts.length),
    isCheck: event.check ?? false,
  };
}

function follow(run: Run, event: RunEvent, now: number): void {
  if (event.event === "host_phase") {
    const known = run.active.get(event.host);
    if (known !== undefined) known.phase = event.phase;
    else run.active.set(event.host, { phase: event.phase, since: now });
  } else if (event.event === "progress") {
    const bytes = bytesOf(event.data);
    if (bytes !== undefined) run.bytes.set(event.host, bytes);
  } else if (event.event === "result") {
    run.active.delete(event.host);
    run.pending.delete(event.host);
    run.summary[event.status]++;
  }
}

/** The number of transferred bytes in a progress event, if it has one. */
function bytesOf(data: Json): number | undefined {
  if (!isObject(data)) return undefined;
  const { bytes, of } = data;
  const isOurs = typeof bytes === "number" && typeof of === "number";
  return isOurs ? bytes : undefined;
}

/** `1.2 GB at 85 MB/s`; empty when no files are transferred. */
function bytesText(run: Run, now: number): string {
  let bytes = 0;
  for (const each of run.bytes.values()) bytes += each;
  const ms = now - run.startedAt;
  return bytes === 0 || ms === 0
    ? ""
    : `${sizeText(bytes)} at ${sizeText(bytes * 1000 / ms)}/s`;
}

function doneOf(summary: Summary): number {
  return STATUSES.reduce((sum, status) => sum + summary[status], 0);
}

function barLine(run: Run, now: number, width: number): string {
  const { hosts } = run.summary;
  const done = doneOf(run.summary);
  const filled = hosts === 0 ? 0 : Math.floor(BAR_WIDTH * done / hosts);
  // Whole seconds, so that an unchanged line is not redrawn.
  const seconds = Math.floor((now - run.startedAt) / 1000);
  const parts = [
    // In a narrow terminal, names are more useful than a bar.
    (width < BAR_FROM
      ? ""
      : `[${"#".repeat(filled).padEnd(BAR_WIDTH, ".")}] `) + `${done}/${hosts}`,
    seconds < 10 ? `${seconds} s` : durationText(seconds * 1000),
    bytesText(run, now) || rateText(done, seconds),
    countsLine(run.summary, createStyle(false), run),
    waitingText(run, now),
  ];
  return parts.filter((part) => part !== "").join("  ");
}

function rateText(done: number, seconds: number): string {
  if (done === 0 || seconds === 0) return "";
  const rate = done / seconds;
  return `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

// Names all pending hosts if they are few. Of many it names the slowest, which
// come first in `active`.
function waitingText(run: Run, now: number): string {
  if (now - run.startedAt < NAMES_AFTER_MS) return "";
  if (run.pending.size <= MAX_NAMED) {
    return run.pending.size === 0
      ? ""
      : `waiting for ${namesText([...run.pending])}`;
  }
  const slow: string[] = [];
  for (const [host, { since }] of run.active) {
    if (slow.length === MAX_NAMED || now - since < NAMES_AFTER_MS) break;
    slow.push(host);
  }
  return slow.length === 0 ? "" : `slowest: ${namesText(slow)}`;
}

function plainLine(run: Run, now: number): string {
  const counts = countsLine(run.summary, createStyle(false), run);
  const done = `${doneOf(run.summary)} of ${run.summary.hosts} hosts done`;
  const waiting = waitingText(run, now);
  return [
    `${done} after ${durationText(now - run.startedAt)}`,
    ...(run.bytes.size > 0 ? [bytesText(run, now)] : []),
    ...(counts === "" ? [] : [counts]),
    ...(waiting === "" ? [] : [waiting]),
  ].join("; ");
}

function pendingLines(run: Run, now: number): string {
  const byPhase = new Map<string, string[]>();
  for (const host of run.pending) {
    const phase = run.active.get(host)?.phase ?? "";
    const hosts = byPhase.get(phase);
    if (hosts === undefined) byPhase.set(phase, [host]);
    else hosts.push(host);
  }
  const count = run.pending.size;
  const lines = [
    `${count} of ${run.summary.hosts} hosts pending after ` +
    durationText(now - run.startedAt),
  ];
  for (const [phase, hosts] of byPhase) {
    const state = phase === ""
      ? "running the call, or waiting to run it"
      : `after ${phase}`;
    lines.push(`  ${state} (${hosts.length}): ${namesText(hosts)}`);
  }
  return lines.join("\n") + "\n";
}

function namesText(hosts: readonly string[]): string {
  return escapeLine(foldNames(hosts));
}
