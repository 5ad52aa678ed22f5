// `ftl runs merge`: merges the results of parts of a run (`--shard`) into one
// document, one summary and one exit status.
import { parseExact } from "../../../json/exact_json.ts";
import { emptySummary, type HostResult } from "../../../core/call/call.ts";
import type { RunEvent } from "../../../core/call/run_event.ts";
import type { JsonObject } from "../../../protocol/message.ts";
import { createDisplay, showEvents } from "../../display/show_events.ts";
import { readText } from "../../options/named_files.ts";
import type { OutputOptions } from "../../options/options.ts";
import { exitCodeOf, UsageError } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

type Start = Extract<RunEvent, { event: "run_start" }>;

/** The options of `ftl runs merge`. */
export type MergeOptions = OutputOptions & { partial?: boolean };

/** The document of --format json. */
type Document = Omit<Start, "event" | "t" | "run" | "hosts"> & {
  ftl: string;
  results: Record<string, HostResult>;
  summary: JsonObject;
  duration_ms: number;
};

/** The part of a run that one file holds. */
interface Part {
  readonly file: string;
  readonly start: Omit<Start, "event" | "t" | "run" | "hosts">;
  readonly hosts: readonly string[];
  readonly results: readonly HostResult[];
  readonly durationMs: number;
}

/**
 * Merges files that `--format json` or `ndjson` wrote, and shows them as one run;
 * resolves to the exit status.
 */
export async function handleRunsMerge(
  files: readonly string[],
  options: MergeOptions,
  context: Context,
): Promise<number> {
  const parts: Part[] = [];
  for (const file of files) {
    parts.push(readPart(file, await readText(file, context)));
  }
  if (!options.partial) checkShards(parts);
  const display = await createDisplay({ ...options, record: false }, context);
  return exitCodeOf(await showEvents(() => eventsOf(parts), display));
}

/** @throws {UsageError} when a part of `--shard` is missing, or is of another N. */
function checkShards(parts: readonly Part[]): void {
  const shards = parts.map(({ file, start: { shard = "" } }) => {
    const [, k, n] = /^(\d{1,6})\/(\d{1,6})$/.exec(shard) ?? [];
    return { file, k: Number(k), n: Number(n) };
  });
  // Hosts may also have been divided by other means.
  if (shards.some(({ n }) => Number.isNaN(n))) return;
  const [first] = shards as [typeof shards[number]];
  const other = shards.find(({ n }) => n !== first.n);
  if (other !== undefined) {
    throw new UsageError(
      `Cannot merge ${other.file} with ${first.file}: one is of ${other.n} parts, the other of ${first.n}`,
      { hint: "Merge the parts of one run only" },
    );
  }
  const present = new Set(shards.map(({ k }) => k));
  const missing = Array.from({ length: first.n }, (_, i) => i + 1)
    .filter((k) => !present.has(k));
  if (missing.length === 0) return;
  const shown = missing.slice(0, 5).join(", ");
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
  throw new UsageError(
    `Cannot merge: of ${first.n} parts, ${shown}${more} ${
      missing.length === 1 ? "is" : "are"
    } missing`,
    { hint: "Name their files too, or merge without them with --partial" },
  );
}

function readPart(file: string, text: string): Part {
  try {
    const lines = text.split("\n").filter((line) => line !== "");
    const isLines = lines[0]!.endsWith("}");
    const first = parseExact(isLines ? lines[0]! : text) as RunEvent | Document;
    if (!("event" in first)) return partOfDocument(file, first);
    if (first.event !== "run_start") throw new SyntaxError("No run starts");
    return partOfEvents(
      file,
      lines.map((line) => parseExact(line) as RunEvent),
    );
  } catch (cause) {
    throw new UsageError(
      `Cannot merge ${file}: it is not the output of --format json or ndjson`,
      { cause, hint: "Name complete files, each from one run" },
    );
  }
}

function partOfEvents(file: string, events: RunEvent[]): Part {
  const { event: _, t: __, run: ___, hosts, ...start } = events[0] as Start;
  const results = events.flatMap((event) => {
    if (event.event !== "result") return [];
    const { event: _, t: __, ...result } = event;
    return [result];
  });
  const end = events.at(-1)!;
  const durationMs = end.event === "run_end" ? end.duration_ms : end.t;
  return { file, start, hosts, results, durationMs };
}

function partOfDocument(
  file: string,
  { ftl: _, results, summary: __, duration_ms, ...start }: Document,
): Part {
  const all = Object.values(results);
  return {
    file,
    start,
    hosts: all.map(({ host }) => host),
    results: all,
    durationMs: duration_ms,
  };
}

/** The events of one run made of the parts; hosts without a result are cancelled. */
async function* eventsOf(parts: readonly Part[]): AsyncGenerator<RunEvent> {
  const [first] = parts as [Part, ...Part[]];
  const owners = new Map<string, string>();
  for (const { file, start, hosts } of parts) {
    if (callText(start) !== callText(first.start)) {
      throw new UsageError(
        `Cannot merge ${file} with ${first.file}: the calls differ`,
        { hint: "Merge files of one call only" },
      );
    }
    for (const host of hosts) {
      const other = owners.get(host);
      if (other !== undefined) {
        throw new UsageError(
          `Cannot merge ${file}: ${host} is also in ${other}`,
        );
      }
      owners.set(host, file);
    }
  }
  const hosts = [...owners.keys()];
  const durationMs = Math.max(...parts.map((part) => part.durationMs));
  const started = parts.map(({ start }) => start.started).toSorted()[0]!;
  const { shard: _, ...call } = first.start;
  const common = { ...call, started, run: "", hosts };
  yield { event: "run_start", t: 0, ...common };
  const summary = emptySummary(hosts.length);
  const missing = new Set(hosts);
  for (const { results } of parts) {
    for (const result of results) {
      missing.delete(result.host);
      summary[result.status]++;
      yield { event: "result", t: durationMs, ...result };
    }
  }
  for (const host of missing) {
    summary.cancelled++;
    yield { event: "result", t: durationMs, ...withoutResult(host) };
  }
  yield { event: "run_end", t: durationMs, summary, duration_ms: durationMs };
}

function callText(
  { module, transfer, open, command, args }: Part["start"],
): string {
  return JSON.stringify([module, transfer, open, command, args]);
}

function withoutResult(host: string): HostResult {
  return {
    host,
    status: "cancelled",
    changed: false,
    rc: null,
    duration_ms: 0,
    phases_ms: {},
    result: null,
    error: {
      kind: "call",
      phase: "call",
      message: "The file of this host's part ends before its result",
      hint: null,
    },
  };
}
