// Shows output while a call runs, line by line, each after the name of its host.
// Lines of different hosts never mix: an incomplete line is held back, up to a
// limit, until it or its call has ended.
import { escapeLine, escapeText } from "../escape.ts";
import type { TextWriter } from "../renderer.ts";
import type { Style } from "../style.ts";
import { padWidth, widthOf } from "../width.ts";

const MAX_HELD = 16_384;
const MAX_NAME_WIDTH = 24;

/** The signs that mark stdout and stderr. */
const SIGNS = { stdout: "|", stderr: "!" } as const;

/** Shows streamed output. */
export interface OutputStream {
  add(host: string, stream: "stdout" | "stderr", text: string): void;
  /** Shows the incomplete lines of a host whose call has ended. */
  flush(host: string): void;
  /** Shows the incomplete lines of all hosts. */
  flushAll(): void;
}

/** Streams output; `hosts` are all possible hosts, so that names align. */
export function createOutputStream(
  write: TextWriter,
  options: { hosts: readonly string[]; style: Style },
): OutputStream {
  const held = new Map<string, { stdout: string; stderr: string }>();
  const nameWidth = Math.min(
    MAX_NAME_WIDTH,
    options.hosts.reduce((max, name) => Math.max(max, widthOf(name)), 0),
  );

  function prefix(host: string, stream: "stdout" | "stderr"): string {
    const name = padWidth(escapeLine(host), nameWidth);
    return `${options.style.bold(name)} ${SIGNS[stream]}`;
  }

  function show(host: string, stream: "stdout" | "stderr", lines: string[]) {
    if (lines.length === 0) return;
    const lead = prefix(host, stream);
    write(
      lines.map((line) =>
        line === "" ? `${lead}\n` : `${lead} ${escapeText(line)}\n`
      ).join(""),
    );
  }

  function flush(host: string): void {
    const parts = held.get(host);
    if (parts === undefined) return;
    held.delete(host);
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = parts[stream].replace(/\r$/, "");
      if (rest !== "") show(host, stream, [rest]);
    }
  }

  return {
    add(host, stream, text) {
      const parts = held.get(host) ?? { stdout: "", stderr: "" };
      held.set(host, parts);
      const all = parts[stream] + text;
      // A newline may follow. Otherwise a lone carriage return also ends a line, so
      // that output that redraws its line (a progress bar) is shown as it runs.
      const end = all.endsWith("\r") ? all.length - 1 : all.length;
      const lines = all.slice(0, end).split(/\r\n|\n|\r/);
      const rest = lines.pop()! + all.slice(end);
      // An endless line is shown in pieces, so that memory is bounded.
      const pieces = piecesOf(rest);
      parts[stream] = pieces.pop() ?? "";
      show(host, stream, [...lines, ...pieces]);
    },
    flush,
    flushAll() {
      for (const host of [...held.keys()]) flush(host);
    },
  };
}

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (text.length - from > MAX_HELD) {
    const splitsPair = text.codePointAt(from + MAX_HELD - 1)! > 0xffff;
    const to = from + MAX_HELD - (splitsPair ? 1 : 0);
    pieces.push(text.slice(from, to));
    from = to;
  }
  return [...pieces, text.slice(from)];
}
