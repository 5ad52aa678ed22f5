// Renders a run as `host: line`, for awk, grep and similar programs. Lines of a
// host stay together, and come when its result does; with streaming, when the host
// prints them. Errors and stderr go to the second writer.
import type { RunEvent } from "../core/call/run_event.ts";
import { escapeLine, escapeText } from "./escape.ts";
import { plainLines, problemLines } from "./plain_lines.ts";
import type { ResultQuery } from "./query.ts";
import type { Renderer, TextWriter } from "./renderer.ts";

/** A longer incomplete line is written in pieces, so that memory is bounded. */
const MAX_HELD = 64 * 1024;

/** Options of lines. */
export interface LinesOptions {
  /** Writes errors and stderr. Default: they are left out. */
  readonly writeError?: TextWriter | undefined;
  readonly query?: ResultQuery | undefined;
}

type StreamName = "stdout" | "stderr";

/** Renders runs as lines that start with their host. */
export function createLinesRenderer(
  write: TextWriter,
  { writeError = () => {}, query }: LinesOptions = {},
): Renderer {
  const held = new Map<string, Record<StreamName, string>>();
  let isCommand = false;
  const writers = { stdout: write, stderr: writeError };
  const show = (host: string, stream: StreamName, lines: readonly string[]) => {
    const name = escapeLine(host);
    const text = lines.map((line) => `${name}: ${line}\n`).join("");
    if (text !== "") writers[stream](text);
  };

  function addOutput({ host, stream, text }: Output): void {
    const parts = held.get(host) ?? { stdout: "", stderr: "" };
    held.set(host, parts);
    const lines = (parts[stream] + text).split("\n");
    parts[stream] = lines.pop()!;
    if (parts[stream].length > MAX_HELD) {
      lines.push(parts[stream]);
      parts[stream] = "";
    }
    show(
      host,
      stream,
      lines.map((line) => escapeText(line.replace(/\r$/, ""))),
    );
  }

  function flush(host: string): boolean {
    const parts = held.get(host);
    if (parts === undefined) return false;
    held.delete(host);
    for (const stream of ["stdout", "stderr"] as const) {
      if (parts[stream] !== "") show(host, stream, [escapeText(parts[stream])]);
    }
    return true;
  }

  return {
    event(event) {
      if (event.event === "run_start") {
        // What a module prints while it runs is its result.
        isCommand = event.module === null && query === undefined;
      } else if (event.event === "output" && isCommand) addOutput(event);
      else if (event.event === "result") {
        const { host } = event;
        const wasStreamed = flush(host);
        if (!wasStreamed) show(host, "stdout", plainLines(event, query));
        show(
          host,
          "stderr",
          problemLines(
            wasStreamed ? { ...event, stderr: "", result: null } : event,
          ),
        );
      }
    },
    close() {
      for (const host of [...held.keys()]) flush(host);
    },
  };
}

type Output = Extract<RunEvent, { event: "output" }>;
