// Reads the result of a host in a report of its worker.
import { ConnectError, messageOf } from "../../../errors.ts";
import type { Json, JsonObject } from "../../../protocol/message.ts";
import type { HostResult } from "../../call/call.ts";
import { judgeError, untimed } from "../../result/host_result.ts";
import { parseReport, readReceivedResult } from "./received_event.ts";

/** A result, and what comes with it. */
export interface ReportedResult {
  readonly result: HostResult;
  /** The files that were fetched, unchecked. */
  readonly files: Json | undefined;
  /** The whole report, unchecked; empty when it cannot be read. */
  readonly report: JsonObject;
}

/** The result of a host; one that says so when the report cannot be read. */
export async function readResult(
  body: () => Promise<Uint8Array>,
  host: string,
): Promise<ReportedResult> {
  try {
    const report = parseReport(await body());
    const { files } = report;
    // The server could have stored the sealed report of another host here.
    if (report.host !== host) {
      throw new SyntaxError("Cannot read a report: it is of another host");
    }
    return { result: readReceivedResult(report, host), files, report };
  } catch (error) {
    const cause = new ConnectError(
      `Cannot read the result of ${host}: ${messageOf(error)}`,
      { phase: "call" },
    );
    const result = judgeError(cause, untimed(host));
    return { result, files: undefined, report: {} };
  }
}
