// A ProxyCommand: its stdin and stdout carry the connection. The command ends with
// the stream, and its stderr explains a failure.
import { startFolder } from "../../../disk/start_folder.ts";
import { Buffer } from "node:buffer";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import process from "node:process";
import { startTimer } from "../../../async/timer.ts";
import { messageOf } from "../../../errors.ts";

/** How many bytes of stderr are kept. */
const STDERR_BYTES = 2048;

/** The time between TERM and KILL. */
const GRACE_MS = 1_000;

/**
 * Starts a command in `/bin/sh`, as ssh does.
 *
 * @throws {Error} when it cannot be started, as with too many open files.
 */
export async function runProxyCommand(command: string): Promise<ProxyStream> {
  const child = spawn("/bin/sh", ["-c", `exec ${command}`], {
    ...startFolder(),
    detached: true,
  });
  if (child.pid !== undefined) return new ProxyStream(child);
  const cause = await new Promise((failed) => child.once("error", failed));
  const why = messageOf(cause);
  throw new Error(`the proxy command cannot be started: ${why}`, { cause });
}

/** The stdin and stdout of a proxy command. */
export class ProxyStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #stderr = Buffer.alloc(0);

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    const { stdin, stdout, stderr } = child;
    stdin.on("error", () => {}); // each write reports its own
    stdout.on("error", (error) => this.destroy(error));
    stdout.on("data", (chunk: Buffer) => this.push(chunk) || stdout.pause());
    stderr.on("data", (chunk: Buffer) => {
      const all = Buffer.concat([this.#stderr, chunk]);
      this.#stderr = all.subarray(-STDERR_BYTES);
    });
    // Not `exit`: its last output may still be on the way.
    child.once("close", (code, signal) => {
      if (code === 0) this.push(null);
      else this.#fail(this.#failure(code, signal));
    });
  }

  /** The end of what the command has written to stderr. */
  get stderr(): string {
    return this.#stderr.toString().trim();
  }

  /** Ends with an error, after what has not been read yet. */
  #fail(error: Error): void {
    if (this.readableLength === 0) this.destroy(error);
    else this.once("resume", () => queueMicrotask(() => this.destroy(error)));
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(
    chunk: Buffer,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): void {
    this.#child.stdin.write(chunk, (error) => {
      if (!error) return done();
      // Most commands are ending by then, and their status and stderr say why.
      this.once("close", startTimer(() => done(error), GRACE_MS));
    });
  }

  override _final(done: () => void): void {
    this.#child.stdin.end();
    done();
  }

  override _destroy(
    error: Error | null,
    done: (error: Error | null) => void,
  ): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      this.#child.stdin.end();
      try {
        process.kill(-pid, "SIGTERM");
      } catch {
        // It has just ended, or is another user's: that one ends with its input.
      }
      this.#child.once(
        "exit",
        startTimer(() => this.#child.kill("SIGKILL"), GRACE_MS),
      );
    }
    done(error);
  }

  #failure(code: number | null, signal: string | null): Error {
    const how = signal === null ? `status ${code}` : `signal ${signal}`;
    const said = this.stderr === "" ? "" : `: ${this.stderr}`;
    return new Error(`the proxy command ended with ${how}${said}`);
  }
}
