// The errors that a caller may want to tell apart. Everything ftl throws on
// purpose is an FtlError or one of the built-in TypeError, RangeError and
// SyntaxError; anything else is a fault of ours.

/** What every error of ftl may carry besides its message. */
export interface FtlErrorOptions extends ErrorOptions {
  /** The host that the error is about. */
  host?: string | undefined;
  /** One sentence that says what to do about it. */
  hint?: string | undefined;
}

/** The root of ftl's own errors. */
export class FtlError extends Error {
  override name = "FtlError";
  readonly host: string | undefined;
  readonly hint: string | undefined;

  constructor(message: string, options: FtlErrorOptions = {}) {
    super(message, options);
    this.host = options.host;
    this.hint = options.hint;
  }
}

/** An inventory, a pattern or a variable of a host is wrong. */
export class InventoryError extends FtlError {
  override name = "InventoryError";
}

/** A module cannot be found, or a gate cannot be built from it. */
export class BuildError extends FtlError {
  override name = "BuildError";
}

/** What was being done when a host could not be reached or used, in order. */
export type Phase =
  | "resolve"
  | "connect"
  | "hostkey"
  | "auth"
  | "become"
  | "python"
  | "upload"
  | "start"
  | "call";

/** A host could not be reached, or was lost. */
export class ConnectError extends FtlError {
  override name = "ConnectError";
  readonly phase: Phase;
  /** Another try may succeed, and does no harm. */
  readonly mayPass: boolean;

  /** @param options `mayPass`; default: whether nothing answered yet. */
  constructor(
    message: string,
    options: FtlErrorOptions & { phase: Phase; mayPass?: boolean },
  ) {
    super(message, options);
    this.phase = options.phase;
    this.mayPass = options.mayPass ??
      /^(?:resolve|connect)$/.test(options.phase);
  }
}

/** A host was reached, but the gate does not run there. */
export class GateError extends FtlError {
  override name = "GateError";
  readonly phase: Phase;

  constructor(message: string, options: FtlErrorOptions & { phase: Phase }) {
    super(message, options);
    this.phase = options.phase;
  }
}

/** A call was refused by the gate, or its reply makes no sense. */
export class CallError extends FtlError {
  override name = "CallError";
}

/** A call has passed its deadline, and may still be running on its host. */
export class OverdueError extends FtlError {
  override name = "OverdueError";
}

/** A file or folder of this machine cannot be pushed, or fetched into. */
export class SourceError extends FtlError {
  override name = "SourceError";
}

/** What an error says; anything else that was thrown, as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
