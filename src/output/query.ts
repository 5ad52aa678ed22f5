// `--query`: an expression of JMESPath (https://jmespath.org) that is applied to
// the entry of each host. The library is loaded only when there is an expression.
import type { HostResult } from "../core/call/call.ts";
import { FtlError, messageOf } from "../errors.ts";
import type { Json } from "../protocol/message.ts";
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
        return toJson(TreeInterpreter.search(tree, toEntry(result) as never));
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

/** Plain JSON: a name such as `constructor` gives a function of JavaScript. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value) ?? "null");
}

function problemOf(cause: unknown): string {
  const text = messageOf(cause).replace(/^Syntax error: /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}
