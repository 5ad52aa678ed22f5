// Sends files to a host and reads files from it, each on a Stream of its own
// through plain sh: they delay no frames, and memory use stays constant. A file on
// a host is always new, in a folder that only its user can enter.
import { CallError, ConnectError, type FtlError } from "../../errors.ts";
import { Deadline, within } from "../../async/deadline.ts";
import { becauseOf, describeExit } from "../../gate/open/open_errors.ts";
import type { Exit, Stream } from "../../transport/transport.ts";
import {
  ByteOutput,
  MAX_ERROR_TEXT,
  ShellOutput,
  waitForShell,
} from "./shell_output.ts";
import { FOLDER_RULE, inOwnFolder } from "./own_folder.ts";
import { assign } from "./shell_script.ts";
import { type ShellConnection, startShell } from "./start_shell.ts";

/** How long the outputs of a shell that has ended may take to end. */
const LAST_OUTPUT_MS = 1_000;

/** A temporary file for a host. */
export interface Staging {
  content: ReadableStream<Uint8Array>;
  /** In bytes; any other length of the content is an error. */
  size: number;
  /**
   * The user's open gate. The file goes into its folder, whose cleanup removes the
   * file when we cannot.
   */
  gate: { folder: string; pid: number } | undefined;
  mode: number;
  /** The file's name, in a new folder of its own; default: any name. */
  name?: string | undefined;
  signal: AbortSignal;
}

/**
 * Writes a new file in ftl's folder on a host. Resolves to its path.
 *
 * @throws {CallError} when the host cannot write it.
 * @throws {ConnectError} when the connection is lost.
 */
export async function stageFile(
  connection: ShellConnection,
  { content, size, gate, mode, name, signal }: Staging,
): Promise<string> {
  const script = enterPlace(gate, name) +
    `trap 'rm -rf "$n";exit 1' HUP INT TERM;` +
    `cat >>"$t"&&[ $(wc -c <"$t") -eq ${size} ]&&` +
    `chmod ${mode.toString(8)} "$t"&&printf %s/%s "$(pwd -P)" "$t"||` +
    `{ rm -rf "$n";exit 1;}`;
  await using transfer = await Transfer.begin(connection, signal);
  const stdout = transfer.text("stdout");
  const written = transfer.write(script, content);
  await transfer.waitForShell(stdout);
  const exit = await transfer.race(transfer.exit);
  await written;
  await within(stdout.ended, { ms: LAST_OUTPUT_MS, instead: undefined });
  if (exit.code === 0) return stdout.text;
  throw await transfer.explain(exit, "write a file");
}

/**
 * Removes a staged file of a host; a failure is ignored.
 *
 * @param options `hasFolder`: it was staged under a name, in a folder of its own.
 */
export async function removeFile(
  connection: ShellConnection,
  { path, hasFolder = false, signal }: {
    path: string;
    hasFolder?: boolean;
    signal: AbortSignal;
  },
): Promise<void> {
  await using transfer = await Transfer.begin(connection, signal);
  const remove = hasFolder ? 'rm -rf "${p%/*}"' : 'rm -f "$p"';
  transfer.write(`${assign("p", path)};${remove}`);
  await transfer.race(transfer.exit);
}

/** A file to read from a host. */
export interface Receiving {
  path: string;
  /** Gets the bytes; closed at the end, aborted after an error. */
  into: WritableStream<Uint8Array>;
  /** The most bytes that the host may send. */
  maxSize: number;
  signal: AbortSignal;
}

/**
 * Reads a file on a host. Resolves to the number of bytes.
 *
 * @throws {CallError} when the host cannot read it.
 * @throws {ConnectError} when the connection is lost.
 */
export async function receiveFile(
  connection: ShellConnection,
  { path, into, maxSize, signal }: Receiving,
): Promise<number> {
  await using transfer = await Transfer.begin(connection, signal);
  const stdout = transfer.bytes();
  transfer.write(`${assign("p", path)};exec cat <"$p"`);
  const writer = into.getWriter();
  try {
    await transfer.waitForShell(stdout);
    let size = 0;
    for (;;) {
      const chunk = await transfer.race(stdout.read());
      if (chunk === undefined) break;
      size += chunk.length;
      if (size > maxSize) {
        throw new CallError(
          `Cannot read ${path}: it is longer than the ${maxSize} bytes that ` +
            "one host may send",
        );
      }
      await transfer.race(writer.write(chunk));
    }
    const exit = await transfer.race(transfer.exit);
    if (exit.code !== 0) throw await transfer.explain(exit, `read ${path}`);
    await writer.close();
    return size;
  } catch (error) {
    writer.abort(error).catch(() => {});
    throw error;
  }
}

/**
 * Enters ftl's folder, and creates an empty file `$t` there: `$n` itself, or the
 * file `name` in a new folder `$n`.
 */
function enterPlace(gate: Staging["gate"], name: string | undefined): string {
  // Not the sentinel's nonce: every user of the host can read it in an argv.
  const unique = newNonce();
  const [folder, owner] = gate === undefined
    ? ["", "push"]
    : [`${assign("f", gate.folder)};`, `${HERE}-${gate.pid}`];
  const target = name === undefined ? "t=$n" : `${assign("b", name)};t=$n/$b`;
  const make = "mkdir -p host/calls&&cd -P ./host/calls&&" +
    (name === undefined ? "" : 'mkdir "$n"&&') + '(:>"$t")';
  const beside = gate && '"${f%/*}/" "${f##*/}"';
  return `umask 077;set -C;${folder}n=${owner}-${unique};${target};${FOLDER_RULE}` +
    `{ ${inOwnFolder(make, beside)};} 2>/dev/null||{ echo "${NO_PLACE}" >&2;` +
    "exit 1;};";
}

/** As `here()` of ftl_gate/scratch.py. */
const HERE = "$(uname -n).$(readlink /proc/self/ns/pid 2>/dev/null|tr -cd 0-9)";

const NO_PLACE = "no folder in HOME, XDG_CACHE_HOME, /var/tmp or /tmp " +
  "is writable, and safe from other users";

function newNonce(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** A shell on the host that reads or writes one file. */
class Transfer implements AsyncDisposable {
  readonly exit: Promise<Exit>;
  readonly #stream: Stream;
  readonly #nonce: string;
  readonly #signal: AbortSignal;
  readonly #deadline: Deadline;
  readonly #stderr: ShellOutput;
  readonly #startMs: number | undefined;

  private constructor(
    stream: Stream,
    { nonce, signal, startMs }: {
      nonce: string;
      signal: AbortSignal;
      startMs: number | undefined;
    },
  ) {
    this.#stream = stream;
    this.#startMs = startMs;
    this.#nonce = nonce;
    this.#signal = signal;
    this.#deadline = new Deadline(signal);
    this.#stderr = this.text("stderr");
    this.exit = stream.exit;
  }

  static async begin(
    connection: ShellConnection,
    signal: AbortSignal,
  ): Promise<Transfer> {
    const { startMs } = connection;
    const { stream, nonce } = await startShell(connection, { signal });
    return new Transfer(stream, { nonce, signal, startMs });
  }

  text(name: "stdout" | "stderr"): ShellOutput {
    const limit = MAX_ERROR_TEXT;
    const options = { nonce: this.#nonce, limit, onText: () => {} };
    return new ShellOutput(this.#stream[name], options);
  }

  bytes(): ByteOutput {
    return new ByteOutput(this.#stream.stdout, this.#nonce);
  }

  /** @throws {GateError} when the account runs no commands. */
  waitForShell(stdout: ShellOutput | ByteOutput): Promise<void> {
    return waitForShell(this.#stream, {
      stdout,
      stderr: this.#stderr,
      signal: this.#signal,
      startMs: this.#startMs,
      mayRun: true,
    });
  }

  /**
   * Writes the script, then the content, then the end. Throws errors of the content
   * only: a host that stops reading reports the reason by its exit.
   */
  write(
    script: string,
    content: ReadableStream<Uint8Array> = new Blob().stream(),
  ): Promise<void> {
    const stdin = this.#stream.stdin.getWriter();
    const write = (chunk: Uint8Array) => stdin.write(chunk).catch(() => true);
    stdin.closed.catch(() => {});
    const written = (async () => {
      try {
        let isBroken = await write(new TextEncoder().encode(`${script}\n`));
        for await (const chunk of content) {
          if (isBroken) break;
          isBroken = await this.race(write(chunk));
        }
      } finally {
        stdin.close().catch(() => {});
      }
    })();
    // The caller awaits it after the exit.
    written.catch(() => {});
    return written;
  }

  race<T>(promise: PromiseLike<T>): Promise<T> {
    return this.#deadline.race(promise);
  }

  /** The error of a transfer that failed. */
  async explain(exit: Exit, what: string): Promise<FtlError> {
    if (exit.lost) {
      return new ConnectError(
        `Cannot ${what}: the connection was lost${becauseOf(exit)}`,
        { phase: "call" },
      );
    }
    // The exit may be known before the last output has arrived.
    const patience = { ms: LAST_OUTPUT_MS, instead: undefined };
    await within(this.#stderr.ended, patience);
    const lastLine = this.#stderr.text.trim().split("\n").at(-1);
    const state = lastLine || `the shell ended with ${describeExit(exit)}`;
    return new CallError(`Cannot ${what}: ${state}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#deadline.clear();
    this.#stream.close();
    return Promise.resolve();
  }
}
