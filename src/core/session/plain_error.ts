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

const PLAIN: Readonly<Record<string, typeof FtlError>> = {
  CallError,
  FtlError,
  InventoryError,
  OverdueError,
};

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

/** Makes the error again. */
export function errorOf(data: PlainError): Error {
  const { name, message, host, hint, phase = "call", mayPass = false } = data;
  if (name === "ConnectError") {
    return new ConnectError(message, { host, hint, phase, mayPass });
  }
  if (name === "GateError") {
    return new GateError(message, { host, hint, phase });
  }
  const Kind = PLAIN[name];
  return Kind === undefined
    ? new Error(message)
    : new Kind(message, { host, hint });
}
