// The result of a host in few bytes, for when the object store has no room for it: the
// status stays, what is left out is marked where it was, and a warning says why.
import { CallError, hintOf, messageOf } from "../../../errors.ts";
import { isObject } from "../../../protocol/body.ts";
import type { Json } from "../../../protocol/message.ts";
import { judgeError, untimed } from "../../result/host_result.ts";
import { OutputBudget } from "../../run/output_budget.ts";
import { parseReport, readReceivedResult } from "../messages/received_event.ts";
import { lineOf } from "./taken_back.ts";

/**
 * A short line for a result.
 *
 * @param line The result as JSON.
 * @param options `most`: how many characters it may have; `cause`: why it is short.
 */
export function shortResult(
  line: string,
  { most, cause }: { most: number; cause: unknown },
): string {
  const short = cutResult(line, messageOf(cause));
  if (short !== undefined && short.length <= most) return short;
  const why = `Cannot send the result: ${messageOf(cause)}`;
  const error = new CallError(why, { hint: hintOf(cause), cause });
  return lineOf(0, judgeError(error, untimed(""))).text;
}

/** Undefined when the result cannot be cut. */
function cutResult(line: string, why: string): string | undefined {
  try {
    const { files, ...report } = parseReport(line);
    const whole = readReceivedResult(report, "");
    const cut = new OutputBudget({ hosts: 1, total: 0 }).share().fit(whole);
    const result = withWarning(cut.result, `A part was left out: ${why}`);
    return lineOf(0, { ...cut, result, ...files !== undefined && { files } })
      .text;
  } catch {
    return undefined; // it is nested too deeply, or has too many values
  }
}

function withWarning(result: Json, warning: string): Json {
  if (!isObject(result)) return result;
  const { warnings } = result;
  const before = Array.isArray(warnings) ? warnings : [];
  return { ...result, warnings: [...before, warning] };
}
