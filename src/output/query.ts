// `--query`: an expression of JMESPath (https://jmespath.org) that is applied to
// the entry of each host. The library is loaded only when there is an expression.
import type { HostResult } from "../core/call/call.ts";
import { FtlError, messageOf } from "../errors.ts";
import type { Json } from "../protocol/message.ts";
import { parseExact } from "../json/exact_json.ts";
import { ExactNumber, stringifyExact } from "../json/exact_number.ts";
import { isObject } from "../protocol/body.ts";
import { toEntry } from "./result_entry.ts";

/** Computes what is shown of a result. */
export type ResultQuery = (result: HostResult) => Json;

/**
 * Compiles an expression. Where it cannot be applied to a result, its value is
 * null, as for a member that does not exist.
 *
 * @throws {FtlError} when it is not JMESPath, or calls an unknown function.
 */
export async function compileQuery(expression: string): Promise<ResultQuery> {
  const { compile, TreeInterpreter } = await import(
    "@jmespath-community/jmespath"
  );
  const cannot = (cause: unknown) =>
    new FtlError(`Cannot use --query ${expression}: ${problemOf(cause)}`, {
      cause,
      hint: "Write JMESPath, such as result.stat.size (https://jmespath.org)",
    });
  try {
    const tree = compile(expression);
    for (const name of functionsIn(tree)) {
      try {
        TreeInterpreter.search(compile(`${name}()`), null);
      } catch (error) {
        // It also complains about the missing arguments of a known function.
        if (messageOf(error).startsWith("Unknown function")) throw error;
      }
    }
    return (result) => {
      try {
        const entry = comparable(entryOf(result));
        return toJson(TreeInterpreter.search(tree, entry as never));
      } catch {
        return null; // such as length() of what is null on this host
      }
    };
  } catch (error) {
    throw cannot(error);
  }
}

/** The names of the functions that an expression calls, at any depth. */
function functionsIn(node: unknown): string[] {
  if (node === null || typeof node !== "object") return [];
  const { type, name } = node as { type?: unknown; name?: unknown };
  const own = type === "Function" && typeof name === "string" ? [name] : [];
  return [...own, ...Object.values(node).flatMap(functionsIn)];
}

/** An entry; what a command printed is its member as well as the result's. */
function entryOf(result: HostResult): Record<string, unknown> {
  const { result: own } = result;
  const printed = isObject(own)
    ? Object.entries(own).filter(([name]) =>
      name === "stdout" || name === "stderr"
    )
    : [];
  return { ...Object.fromEntries(printed), ...toEntry(result) };
}

/**
 * A value whose numbers JMESPath can compare: 1.0 becomes 1. Whole numbers beyond
 * 2^53 keep their text, and compare with nothing.
 */
function comparable(value: unknown): unknown {
  if (value instanceof ExactNumber) {
    const number = Number(value.text);
    const isWhole = /^-?\d+$/.test(value.text);
    const isKept = Number.isFinite(number) &&
      (!isWhole || Number.isSafeInteger(number));
    return isKept ? number : value;
  }
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, comparable(member)]),
  );
}

/** Plain JSON: a name such as `constructor` gives a function of JavaScript. */
function toJson(value: unknown): Json {
  return parseExact(stringifyExact(value) ?? "null") as Json;
}

function problemOf(cause: unknown): string {
  const text = messageOf(cause).replace(/^Syntax error: /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}
