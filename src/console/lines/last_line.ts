// The operands of `:last` and `:compare`: which of the last results, a value of
// each, and where they go. Pure.
import { foldNames } from "../../inventory/fold.ts";
import { escapeLine, toJsonText } from "../../output/escape.ts";
import { createCut } from "../../output/text/cut.ts";
import { memberLines } from "../../output/text/value.ts";
import { valueAt } from "../../output/table_renderer.ts";
import type { HostResult } from "../../core/call/call.ts";
import type { Json } from "../../protocol/message.ts";

/** `[PATTERN] [PATH] [| COMMAND]` or `[PATTERN] [PATH] [> FILE]`. */
export interface LastOperands {
  /** One word may be a pattern or a path: the session decides. */
  readonly words: readonly string[];
  /** A command of this machine, which gets JSON on its stdin. */
  readonly command?: string;
  /** A file that gets the JSON. */
  readonly file?: string;
}

/** @throws {SyntaxError} when it has another form. */
export function readLastOperands(word: string, text: string): LastOperands {
  const [, before = "", sign, after = ""] =
    /^((?:(?!\s[|>])[^])*?)(?:(?:^|\s)([|>])\s*([^]*))?$/.exec(text) ?? [];
  const words = before.trim().split(/\s+/).filter((each) => each !== "");
  if (words.length > 2) {
    throw new SyntaxError(
      `:${word} takes a pattern and a path such as result.stdout`,
    );
  }
  if (sign === undefined) return { words };
  const target = after.trim();
  if (target === "") {
    const what = sign === "|" ? "a command" : "a file";
    throw new SyntaxError(`:${word} needs ${what} after ${sign}`);
  }
  return sign === "|" ? { words, command: target } : { words, file: target };
}

/** The value of each result at a path such as `result.stdout` or `rc`. */
export function valuesAt(
  results: readonly HostResult[],
  path: string,
): Map<string, Json> {
  return new Map(
    results.map((result) => [result.host, valueAt(result, path) ?? null]),
  );
}

/** The values as JSON, by host. */
export function valuesJson(values: ReadonlyMap<string, Json>): string {
  return toJsonText(Object.fromEntries(values), 2) + "\n";
}

/** The values for people: equal ones once, the most frequent first. */
export function valuesText(values: ReadonlyMap<string, Json>): string {
  const groups = new Map<string, { hosts: string[]; value: Json }>();
  for (const [host, value] of values) {
    const key = JSON.stringify(value);
    const group = groups.get(key);
    if (group) group.hosts.push(host);
    else groups.set(key, { hosts: [host], value });
  }
  const cut = createCut({ whole: true });
  return [...groups.values()]
    .sort((a, b) => b.hosts.length - a.hosts.length)
    .map(({ hosts, value }) => {
      const names = foldNames(hosts);
      const label = hosts.length === 1 ? names : `${names} (${hosts.length})`;
      const text = typeof value === "string" ? withoutNewline(value) : value;
      return memberLines(escapeLine(label), text, cut).join("\n") + "\n";
    }).join("");
}

/** A final newline is not part of the text. */
function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, "");
}
