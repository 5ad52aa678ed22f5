// Starts the shell that runs a script from its stdin, or takes one that waits for it
// already, as sessions have them.
import type {
  Connection,
  ExecOptions,
  Stream,
} from "../../transport/transport.ts";
import { shellCommand } from "./shell_script.ts";

/** A shell that runs a script as soon as it gets one. */
export interface StartedShell {
  readonly stream: Stream;
  /** What its outputs start with; see `shellCommand()`. */
  readonly nonce: string;
}

/** A connection that may have a shell which was started ahead. */
export interface ShellConnection extends Connection {
  /**
   * Starts a shell, or takes one that waits.
   *
   * @throws {ConnectError} phase `start`, as `exec()`.
   */
  startShell?(options: ShellOptions): Promise<StartedShell>;
}

/** How a shell is started. */
export interface ShellOptions {
  /** Aborts the start. */
  readonly signal: AbortSignal;
  /** The start of its input, sent as soon as it has started. Default: nothing. */
  readonly input?: Uint8Array;
}

/** Starts a shell; see `shellCommand()`. */
export async function startShell(
  connection: ShellConnection,
  { input, ...options }: ShellOptions & Pick<ExecOptions, "yields">,
): Promise<StartedShell> {
  if (connection.startShell !== undefined) {
    return await connection.startShell({ ...options, ...(input && { input }) });
  }
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const stream = await connection.exec(shellCommand(nonce), options);
  if (input !== undefined) {
    const writer = stream.stdin.getWriter();
    // An error of stdin also ends the outputs, which are watched.
    writer.write(input).catch(() => {});
    writer.releaseLock();
  }
  return { stream, nonce };
}
