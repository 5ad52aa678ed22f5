// The exit statuses, and the text of errors on stderr. Docs and help list the
// same numbers.
import {
  BuildError,
  FtlError,
  InventoryError,
  SourceError,
} from "../../errors.ts";
import { escapeText } from "../../output/escape.ts";
import { wrapWords } from "../../output/width.ts";
import type { Summary } from "../../core/call/call.ts";

/** The exit statuses of ftl. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  timedOut: 4,
  fault: 70,
  /** This machine ran out of disk, memory or files. */
  shortage: 74,
  interrupted: 130,
  brokenPipe: 141,
} as const;

/** The command line is wrong; no host was contacted. */
export class UsageError extends FtlError {
  override name = "UsageError";
}

/** The status of a run; if several apply, the first of 1, 3 and 4. */
export function exitCodeOf(summary: Summary): number {
  if (summary.failed > 0) return EXIT.failed;
  if (summary.unreachable > 0) return EXIT.unreachable;
  if (summary.timed_out > 0) return EXIT.timedOut;
  if (summary.cancelled > 0) return EXIT.interrupted;
  return EXIT.ok;
}

/** The status for an error that ended a command. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof Deno.errors.BrokenPipe) return EXIT.brokenPipe;
  if (
    error instanceof UsageError || error instanceof InventoryError ||
    error instanceof BuildError || error instanceof SourceError ||
    error instanceof SyntaxError ||
    error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.PermissionDenied
  ) return EXIT.usage;
  if (error instanceof FtlError) return EXIT.failed;
  return isShortage(error) ? EXIT.shortage : EXIT.fault;
}

function isShortage(error: unknown): error is Error {
  return error instanceof Error && "code" in error &&
    SHORTAGES.includes(error.code);
}

// Error codes of the system that mean the machine is out of something.
const SHORTAGES: readonly unknown[] = [
  "EDQUOT",
  "EFBIG",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOSPC",
  "EROFS",
];

/**
 * An error in a line or two, escaped for a terminal. With its width, lines are
 * broken between words.
 */
export function errorText(error: unknown, width?: number): string {
  const text = escapeText(plainText(error));
  if (width === undefined || exitCodeFor(error) === EXIT.fault) return text;
  return text.split("\n")
    .flatMap((line) => wrapWords(line, { width, indent: "     " }))
    .join("\n");
}

/** A warning, escaped for a terminal. */
export function warningText(text: string): string {
  return escapeText(`ftl: ${text}\n`);
}

/** The text of an error; an internal error comes with its stack. */
function plainText(error: unknown): string {
  if (isShortage(error)) {
    return `ftl: Cannot continue: ${error.message}\n`;
  }
  if (exitCodeFor(error) === EXIT.fault) {
    const text = error instanceof Error ? error.stack : String(error);
    return `ftl: Internal error, please report it\n${text}\n`;
  }
  const { host, message, hint } = error as Error & Record<string, unknown>;
  // Most messages name the host themselves.
  const isNamed = typeof host === "string" &&
    message.split(/[\s:,"]+/).includes(host);
  const prefix = host && !isNamed ? `${host}: ` : "";
  return `ftl: ${prefix}${message}\n` + (hint ? `     ${hint}\n` : "");
}
