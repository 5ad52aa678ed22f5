/**
 * The errors that a caller may want to distinguish. Everything that ftl throws
 * on purpose is an FtlError or a built-in TypeError, RangeError or SyntaxError;
 * anything else is a bug in ftl.
 *
 * @module
 */

/** What an error carries besides its message. */
export interface FtlErrorOptions extends ErrorOptions {
  /** The host that the error is about. */
  host?: string | undefined;
  /** What to do about it, as an imperative sentence. */
  hint?: string | undefined;
}

/** The names of settings in hints; see {@linkcode nameSettings}. */
let settingNames: Readonly<Record<string, string>> = {};

/**
 * Sets the names of settings in hints. A hint names a setting of the library in
 * backticks: `` Raise `connectTimeoutMs` ``. The command line replaces it with
 * the name of its option.
 *
 * @param names The new name for each of the library's. Default: no change.
 */
export function nameSettings(names: Readonly<Record<string, string>>): void {
  settingNames = names;
}

/** A hint with the setting names that {@linkcode nameSettings} set. */
export function hintText(hint: string): string {
  return hint.replace(
    /`([\w.]+)`/g,
    (quoted, name) =>
      Object.hasOwn(settingNames, name) ? settingNames[name]! : quoted,
  );
}

/** The base class of ftl's errors. */
export class FtlError extends Error {
  /** The name of the class. */
  override name = "FtlError";
  /** The host that the error is about. */
  readonly host: string | undefined;
  /** What to do about it. */
  readonly hint: string | undefined;

  /** Makes an error with a message and its context. */
  constructor(message: string, options: FtlErrorOptions = {}) {
    super(message, options);
    this.host = options.host;
    this.hint = options.hint === undefined ? undefined : hintText(options.hint);
  }
}

/** An inventory, a pattern or a variable of a host is wrong. */
export class InventoryError extends FtlError {
  /** The name of the class. */
  override name = "InventoryError";
}

/** A module cannot be found or built into a gate, or a template is malformed. */
export class BuildError extends FtlError {
  /** The name of the class. */
  override name = "BuildError";
}

/** The steps of reaching and using a host, in order. */
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

/** All phases, in order. */
export const PHASES: readonly Phase[] = [
  "resolve",
  "connect",
  "hostkey",
  "auth",
  "become",
  "python",
  "upload",
  "start",
  "call",
];

/** A host could not be reached, or was lost. */
export class ConnectError extends FtlError {
  /** The name of the class. */
  override name = "ConnectError";
  /** The step that failed. */
  readonly phase: Phase;
  /** Whether another attempt may succeed and does no harm. */
  readonly mayPass: boolean;

  /**
   * Makes an error of a phase.
   *
   * @param options `mayPass`: default true in the phases `resolve` and `connect`.
   */
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
  /** The name of the class. */
  override name = "GateError";
  /** The step that failed. */
  readonly phase: Phase;

  /** Makes an error of a phase. */
  constructor(message: string, options: FtlErrorOptions & { phase: Phase }) {
    super(message, options);
    this.phase = options.phase;
  }
}

/** The gate refused a call, or its reply is invalid. */
export class CallError extends FtlError {
  /** The name of the class. */
  override name = "CallError";
}

/** A call has passed its deadline, and may still be running on its host. */
export class OverdueError extends FtlError {
  /** The name of the class. */
  override name = "OverdueError";
}

/** A file or folder on this machine cannot be pushed, or fetched into. */
export class SourceError extends FtlError {
  /** The name of the class. */
  override name = "SourceError";
}

/** The message of an error; anything else that was thrown, as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The hint of an error; undefined when it has none. */
export function hintOf(thrown: unknown): string | undefined {
  return thrown instanceof FtlError ? thrown.hint : undefined;
}
