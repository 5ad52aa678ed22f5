// Reads a secret from a file, or from the output of a program. A file that other
// users can read, or a program that they can change, is refused.
import { startFolder } from "../../disk/start_folder.ts";
import { resolve } from "@std/path";
import { startTimer } from "../../async/timer.ts";
import type { Context } from "../commands/context.ts";
import { UsageError } from "../process/exit_code.ts";
import { readBytes } from "../options/named_files.ts";
import { exposureOf } from "../../ownership.ts";

/** The longest file or output, in bytes. */
const MAX_BYTES = 64 * 1024;
/** How long a program may take; it may ask the user. */
const PROGRAM_MS = 120_000;
/** How long it may take to end after a signal. */
const END_MS = 1_000;

/** The content of a file, or the output of a program. */
export interface SecretContent {
  readonly bytes: Uint8Array;
  readonly isProgram: boolean;
}

/**
 * Reads a file, or its output when it is executable; `-` is stdin. The program
 * may talk to the user at the terminal.
 *
 * @param args for the program.
 * @throws {UsageError} when it cannot be read, or other users could read or
 * change it.
 */
export async function readSecretContent(
  path: string,
  context: Context,
  args: readonly string[] = [],
): Promise<SecretContent> {
  const isProgram = await checkFile(path);
  const bytes = isProgram
    ? await printedBy(path, args, context.signal)
    : await readBytes(path, context);
  if (bytes.length <= MAX_BYTES) return { bytes, isProgram };
  throw new UsageError(`Cannot use ${path}: it is too long for a secret`);
}

/**
 * Reads the first line of a secret file or of a program's output.
 *
 * @throws {UsageError} as `readSecretContent`, and when the line is empty.
 */
export async function readSecretFile(
  path: string,
  context: Context,
): Promise<string> {
  const { bytes, isProgram } = await readSecretContent(path, context);
  const text = new TextDecoder().decode(bytes);
  const [line = ""] = text.split(/\r?\n/, 1);
  if (line !== "") {
    context.secrets.add(line);
    return line;
  }
  throw new UsageError(
    isProgram
      ? `Cannot use what ${path} printed: its first line is empty`
      : `Cannot use ${path}: its first line is empty`,
  );
}

/** Whether it is a program; throws when it cannot be trusted. */
async function checkFile(path: string): Promise<boolean> {
  if (path === "-") return false;
  const info = await Deno.stat(path).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(`Cannot read ${path}: the file does not exist`, {
      cause,
    });
  });
  const mode = info.mode ?? 0;
  const isProgram = info.isFile && (mode & 0o111) !== 0;
  const isOurs = info.uid === null || info.uid === Deno.uid();
  // The rule of ssh for keys: a file of root may be readable by a group.
  if (!isProgram && info.isFile && isOurs && (mode & 0o077) !== 0) {
    throw new UsageError(`Cannot use ${path}: other users can read it`, {
      hint: `Run chmod 600 ${path}`,
    });
  }
  const exposure = exposureOf(path, isProgram ? "program" : "code", info);
  if (exposure?.isRefused) {
    const verb = isProgram ? "run" : "use";
    // A vault error keeps this message, but not its hint.
    throw new UsageError(`Cannot ${verb} ${path}: ${exposure.both}`);
  }
  return isProgram;
}

async function printedBy(
  path: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const fail = (why: string, cause?: unknown) =>
    new UsageError(`Cannot read what ${path} prints: ${why}`, { cause });
  const late = AbortSignal.timeout(PROGRAM_MS);
  const ended = AbortSignal.any([signal, late]);
  let program: Deno.ChildProcess;
  try {
    program = new Deno.Command(resolve(path), {
      ...startFolder(),
      args: [...args],
      stdin: "inherit",
      stdout: "piped",
      stderr: "inherit",
      signal: ended,
    }).spawn();
  } catch (cause) {
    throw fail(
      cause instanceof Deno.errors.NotFound
        ? "the interpreter in its first line is missing"
        : String(cause),
      cause,
    );
  }
  const bytes = await readBounded(program.stdout, ended);
  if (bytes === undefined && !ended.aborted) kill(program);
  // The program may ignore the signal.
  const stop = ended.aborted
    ? startTimer(() => kill(program), END_MS)
    : () => {};
  const { success, code } = await program.status.finally(stop);
  signal.throwIfAborted();
  if (late.aborted) {
    throw fail(`it did not end within ${PROGRAM_MS / 60_000} minutes`);
  }
  if (bytes === undefined) throw fail("the output is too long");
  if (!success) throw fail(`it ended with status ${code}`);
  return bytes;
}

function kill(program: Deno.ChildProcess): void {
  try {
    program.kill("SIGKILL");
  } catch {
    // It has already ended.
  }
}

/** Reads to the end or to the abort; undefined when the output is too long. */
async function readBounded(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const reader = stream.getReader();
  // A child of the program may hold its output open.
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  const buffer = new Uint8Array(MAX_BYTES);
  let size = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return buffer.subarray(0, size);
      if (size + value.length > MAX_BYTES) return undefined;
      buffer.set(value, size);
      size += value.length;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
