// What a report shows, as plain data: one entry per host, and each distinct
// result once. Every text from a host is escaped here, and is only ever set as
// text in the page.
import {
  emptySummary,
  type Status,
  STATUSES,
  type Summary,
} from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import { PHASES } from "../../errors.ts";
import { foldNames } from "../../inventory/fold.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { escapeLine, toJsonText } from "../escape.ts";
import { createStyle } from "../style.ts";
import { createCut } from "../text/cut.ts";
import { showResult } from "../text/result_text.ts";

/** A distinct result, as text shows it. */
export interface ReportResult {
  readonly status: Status;
  readonly label: string;
  readonly lines: readonly string[];
  /** Its hosts, folded: `web[01-40]`. */
  readonly hosts: string;
}

/** A host, as short as 10 000 of them have to be. */
export type ReportHost = readonly [
  name: string,
  /** Its place in `results`; -1 when it has none. */
  result: number,
  /** When its result came, in ms since the start of the run. */
  endMs: number,
  durationMs: number,
  /** How long each phase took, in ms, in the order of `phases`. */
  phasesMs: readonly number[],
];

/** A run, ready for the page. */
export interface ReportData {
  readonly ftl: string;
  /** What was run: `service name=nginx`. */
  readonly title: string;
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly durationMs: number;
  readonly summary: Summary;
  /** The statuses in their order of showing: failures last. */
  readonly statuses: readonly Status[];
  readonly phases: readonly string[];
  readonly results: readonly ReportResult[];
  readonly hosts: readonly ReportHost[];
  readonly warnings: readonly string[];
}

/** Collects one run. */
export interface ReportCollector {
  event(event: RunEvent): void;
  /** The run so far; undefined before it started. */
  data(): ReportData | undefined;
}

/** The longest text of one result, in lines. */
const MAX_LINES = 2000;

function rankOf(phase: string): number {
  const rank = (PHASES as readonly string[]).indexOf(phase);
  return rank === -1 ? PHASES.length : rank;
}

/** A host with its phases by name. */
type HostEntry = readonly [
  name: string,
  result: number,
  endMs: number,
  durationMs: number,
  phasesMs: Readonly<Record<string, number>>,
];

type Start = Extract<RunEvent, { event: "run_start" }>;

/** Collects the events of a run; the latest run counts. */
export function createReportCollector(
  { version }: { version: string },
): ReportCollector {
  const options = {
    style: createStyle(false),
    cut: createCut({ whole: true, remedy: undefined }),
    verbosity: 0,
    streamed: false,
  };
  let start: Start | undefined;
  let phases = new Set<string>();
  let results: Map<string, number> = new Map();
  let shown: Omit<ReportResult, "hosts">[] = [];
  let hosts: Map<string, HostEntry> = new Map();
  let summary: Summary = emptySummary(0);
  let durationMs = 0;

  function add(event: Extract<RunEvent, { event: "result" }>): void {
    const { label, lines } = showResult(event, {
      ...options,
      isCheck: start?.check ?? false,
    });
    const text = lines.slice(0, MAX_LINES);
    if (lines.length > MAX_LINES) {
      text.push(`… ${lines.length - MAX_LINES} more lines`);
    }
    const key = [label, ...text].join("\n");
    let place = results.get(key);
    if (place === undefined) {
      place = shown.push({ status: event.status, label, lines: text }) - 1;
      results.set(key, place);
    }
    for (const phase of Object.keys(event.phases_ms)) phases.add(phase);
    hosts.set(event.host, [
      escapeLine(event.host),
      place,
      event.t,
      event.duration_ms,
      event.phases_ms,
    ]);
  }

  return {
    event(event) {
      if (event.event === "run_start") {
        start = event;
        phases = new Set();
        [results, shown, hosts] = [new Map(), [], new Map()];
        summary = emptySummary(event.hosts.length);
        durationMs = 0;
      } else if (event.event === "result") {
        summary[event.status]++;
        durationMs = event.t;
        add(event);
      } else if (event.event === "run_end") {
        ({ summary, duration_ms: durationMs } = event);
      }
    },
    data() {
      if (start === undefined) return undefined;
      const names = namesByResult(start.hosts, hosts);
      const ordered = [...phases].sort((a, b) => rankOf(a) - rankOf(b));
      return {
        ftl: version,
        title: titleOf(start),
        started: start.started,
        durationMs,
        summary,
        statuses: STATUSES,
        phases: ordered,
        results: shown.map((result, place) => ({
          ...result,
          hosts: escapeLine(foldNames(names.get(place) ?? [])),
        })),
        hosts: start.hosts.map((name): ReportHost => {
          const host = hosts.get(name);
          if (host === undefined) {
            return [escapeLine(name), -1, durationMs, 0, []];
          }
          const [shownName, place, endMs, ms, phasesMs] = host;
          const times = ordered.map((phase) =>
            Math.round(phasesMs[phase] ?? 0)
          );
          return [shownName, place, endMs, ms, times];
        }),
        warnings: (start.warnings ?? []).map(escapeLine),
      };
    },
  };
}

/** The names of hosts by the places of their results. */
function namesByResult(
  names: readonly string[],
  hosts: ReadonlyMap<string, HostEntry>,
): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const name of names) {
    const place = hosts.get(name)?.[1];
    if (place === undefined) continue;
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [name]);
    else group.push(name);
  }
  return groups;
}

function titleOf({ module, transfer, open, command, args }: Start): string {
  if (command !== undefined) return escapeLine(command.join(" "));
  const words = Object.entries(args as JsonObject).map(([name, value]) =>
    `${name}=${typeof value === "string" ? value : toJsonText(value)}`
  );
  return escapeLine(
    [module ?? transfer ?? (open ? "open" : ""), ...words].join(" "),
  );
}
