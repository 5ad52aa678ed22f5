// Starts the shell that runs a script from its stdin, or takes one that waits for it
// already, as sessions have them.
import type { Connection, Stream } from "../../transport/transport.ts";
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
  startShell?(options: { signal: AbortSignal }): Promise<StartedShell>;
}

/** Starts a shell; see `shellCommand()`. */
export async function startShell(
  connection: ShellConnection,
  options: { signal: AbortSignal; isExtra?: boolean },
): Promise<StartedShell> {
  if (connection.startShell !== undefined) {
    return await connection.startShell(options);
  }
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const stream = await connection.exec(shellCommand(nonce), options);
  return { stream, nonce };
}
