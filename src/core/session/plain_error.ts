// Errors as plain data, for the way between a session and its clients. The kinds
// that callers distinguish keep their class; a cause stays where it was.
import {
  CallError,
  ConnectError,
  FtlError,
  GateError,
  InventoryError,
  messageOf,
  OverdueError,
  type Phase,
} from "../../errors.ts";

/** An error as data. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly host?: string | undefined;
  readonly hint?: string | undefined;
  readonly phase?: Phase;
  readonly mayPass?: boolean;
}

const PLAIN: ReadonlyMap<string, typeof FtlError> = new Map(
  Object.entries({ CallError, FtlError, InventoryError, OverdueError }),
);

const NO_REASON: PlainError = { name: "Error", message: "no reason was given" };

/** Describes an error. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof FtlError)) {
    return { name: "Error", message: messageOf(error) };
  }
  const { name, message, host, hint } = error;
  return {
    ...{ name, message, host, hint },
    ...(error instanceof ConnectError || error instanceof GateError
      ? { phase: error.phase }
      : {}),
    ...(error instanceof ConnectError ? { mayPass: error.mayPass } : {}),
  };
}

/** Makes the error again. It never throws: a caller waits for the error. */
export function errorOf(data: PlainError | undefined): Error {
  const { name = "", message, host, hint, phase = "call", mayPass = false } =
    data ?? NO_REASON;
  if (name === "ConnectError") {
    return new ConnectError(message, { host, hint, phase, mayPass });
  }
  if (name === "GateError") {
    return new GateError(message, { host, hint, phase });
  }
  const Kind = PLAIN.get(name);
  return Kind === undefined
    ? new Error(message)
    : new Kind(message, { host, hint });
}
