// Reads the result of a host in a line of its worker's report.
import { ConnectError, messageOf } from "../../../errors.ts";
import type { Json } from "../../../protocol/message.ts";
import type { HostResult } from "../../call/call.ts";
import { judgeError, untimed } from "../../result/host_result.ts";
import { parseReport, readReceivedResult } from "./received_event.ts";

/** A result, and what comes with it. */
export interface ReportedResult {
  readonly result: HostResult;
  /** The files that were fetched, unchecked. */
  readonly files: Json | undefined;
}

/** The result of a host; one that says so when the line cannot be read. */
export function readResult(line: string, host: string): ReportedResult {
  try {
    const report = parseReport(line);
    return { result: readReceivedResult(report, host), files: report.files };
  } catch (error) {
    return { result: unreadable(host, messageOf(error)), files: undefined };
  }
}

/** The result of a host whose own result cannot be read. */
export function unreadable(host: string, why: string): HostResult {
  const cause = new ConnectError(`Cannot read the result of ${host}: ${why}`, {
    phase: "call",
  });
  return judgeError(cause, untimed(host));
}
