// What ssh2 throws for a packet that it cannot parse is about its own code; here
// it becomes a sentence about the host.
import { WireViolation } from "./wire_reader.ts";

/** The error of a packet that ssh2 could not parse, as it is shown. */
export function translateParseError(error: unknown): unknown {
  const reason = reasonFor(error);
  return reason === undefined
    ? error
    : new WireViolation(reason, { cause: error });
}

function reasonFor(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message === "Bad packet length") {
    return "it sent a packet of a length that SSH does not allow";
  }
  if (error instanceof RangeError && error.message.includes("array length")) {
    return "it sent a packet that is shorter than its padding";
  }
  return undefined;
}
