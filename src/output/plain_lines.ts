// A result as plain lines for programs that read text: the lines that a command
// printed, a module's message, or its result as one line of JSON.
import type { HostResult } from "../core/call/call.ts";
import { isNumber } from "../json/exact_number.ts";
import type { Json } from "../protocol/message.ts";
import { escapeLine, escapeText, toJsonText } from "./escape.ts";
import type { ResultQuery } from "./query.ts";
import { isFailure, statusText } from "./summary.ts";

/** The lines of a result, escaped for a terminal. */
export function plainLines(result: HostResult, query?: ResultQuery): string[] {
  if (query !== undefined) return linesOfValue(query(result));
  const own = result.result;
  if (own === null || typeof own !== "object" || Array.isArray(own)) {
    return [...linesOf(result.stdout ?? ""), ...linesOfValue(own)];
  }
  // What went wrong is told by problemLines().
  if (isFailure(result.status) && typeof memberOf(own, "stdout") !== "string") {
    return [];
  }
  for (const key of ["stdout", "msg"] as const) {
    const text = memberOf(own, key);
    if (typeof text === "string" && (key === "stdout" || text !== "")) {
      return linesOf(text);
    }
  }
  return [toJsonText(own)];
}

/** What went wrong on a host, and what its command printed on stderr. */
export function problemLines(result: HostResult): string[] {
  const { error, status, result: own } = result;
  const rc = own === null ? result.rc : memberOf(own, "rc");
  const stderr = memberOf(own, "stderr") ?? result.stderr;
  const lines = typeof stderr === "string" ? linesOf(stderr) : [];
  if (!isFailure(status)) return lines;
  const message = error?.message ?? memberOf(own, "msg");
  const state = statusText(status);
  if (typeof message === "string" && message !== "") {
    return [...lines, `${state}: ${escapeLine(message)}`];
  }
  const isSaid = isNumber(rc) && Number(rc) !== 0;
  const isCommand = typeof memberOf(own, "stdout") === "string";
  return [
    ...lines,
    isSaid ? `${state}, rc ${rc}` : state,
    ...(own === null || isCommand ? [] : [toJsonText(own)]),
  ];
}

function memberOf(own: Json, key: string): Json | undefined {
  if (own === null || typeof own !== "object") return undefined;
  return Object.hasOwn(own, key)
    ? (own as Record<string, Json>)[key]
    : undefined;
}

/** A value: each item of a list is a line, and null is nothing. */
function linesOfValue(value: Json): string[] {
  if (value === null) return [];
  if (typeof value === "string") return linesOf(value);
  if (Array.isArray(value)) {
    return value.map((item) =>
      typeof item === "string" ? escapeLine(item) : toJsonText(item)
    );
  }
  return [toJsonText(value)];
}

function linesOf(text: string): string[] {
  if (text === "") return [];
  return escapeText(text).replace(/\n$/, "").split("\n");
}
