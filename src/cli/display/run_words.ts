// What a run did, as the words of a command line: for its record, and for people.
import type { RunEvent } from "../../core/call/run_event.ts";
import { mayKeep } from "../../console/lines/secrecy.ts";
import { quoteWord } from "../../core/shell/shell_words.ts";

type Start = Extract<RunEvent, { event: "run_start" }>;

/** Longer texts are cut: a record is small. */
const MAX_LENGTH = 1_000;

/**
 * The call of a run as text: `service name=nginx`, `exec -- uptime`, `push a /b`.
 * Secrets are masked. Only its kind is kept when it appears to hold a secret that
 * ftl cannot tell from the rest.
 */
export function callWords(
  { module, transfer, open, command, args }: Pick<
    Start,
    "module" | "transfer" | "open" | "command" | "args"
  >,
): string {
  if (open) return "open";
  if (command !== undefined) {
    const [only, ...more] = command;
    if (only === undefined) return "exec"; // it is masked as a whole
    const line = more.length === 0 ? only : command.join(" ");
    return mayKeep(line.trimStart()) ? cut(`exec -- ${line}`) : "exec -- ****";
  }
  if (transfer !== undefined) {
    const paths = [args.src, args.dest].filter((each) => each !== undefined);
    return cut([transfer, ...paths.map(valueText)].join(" "));
  }
  const words = Object.entries(args).map(([name, value]) => {
    const text = valueText(value);
    if (name === "_raw_params") return text;
    return `${name}=${text}`;
  });
  const line = words.join(" ");
  return cut(
    mayKeep(withoutMasked(line))
      ? `${module} ${line}`.trim()
      : `${module} ****`,
  );
}

/** A line with masked values may still be kept. */
function withoutMasked(line: string): string {
  return line.replace(/\S+='?\*{8}'?/g, "");
}

function valueText(value: unknown): string {
  return quoteWord(typeof value === "string" ? value : JSON.stringify(value));
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) + "…" : text;
}
