// Reads inventories from the controller's disk and runs executable ones. A script
// runs only when no other user but root can change it, and is limited in time and
// output.
import { startFolder } from "../../disk/start_folder.ts";
import { resolve } from "@std/path";
import { InventoryError, messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";
import { within } from "../../async/deadline.ts";
import type { InventoryFiles } from "../../inventory/inventory_files.ts";

/** The limits of executable inventories and of pipes. */
export interface InventorySourcesOptions {
  /** How long one run of a script may take. */
  timeoutMs?: number;
  /** How much one run of a script may print. */
  maxBytes?: number;
  /** How long a pipe may have no writer. */
  pipeMs?: number;
}

/** The limits that apply by default. */
const DEFAULT_LIMITS: Required<InventorySourcesOptions> = {
  timeoutMs: 120_000,
  maxBytes: 64 * 1024 * 1024,
  pipeMs: 10_000,
};

/** How long a script that was killed may take to end. */
const KILLED_MS = 1_000;

/** The part of a script's error output that is kept. */
const MAX_STDERR_BYTES = 64 * 1024;

/** Opens the controller's files and programs for reading inventories. */
export function openInventorySources(
  options: InventorySourcesOptions = {},
): InventoryFiles {
  const { timeoutMs, maxBytes, pipeMs } = { ...DEFAULT_LIMITS, ...options };
  return {
    async stat(path) {
      try {
        const { isDirectory, mode } = await Deno.stat(path);
        return {
          kind: isDirectory ? "folder" : "file",
          executable: ((mode ?? 0) & 0o111) !== 0,
        };
      } catch (error) {
        if (!isAbsent(error)) throw unreadable(path, error);
        const target = await Deno.readLink(path).catch(() => undefined);
        if (target === undefined) return undefined;
        throw new InventoryError(
          `Cannot read inventory ${path}: it is a link to ${target}, which does not exist`,
          { cause: error },
        );
      }
    },
    async read(path) {
      try {
        const { isFifo } = await Deno.stat(path);
        if (!isFifo) return await Deno.readFile(path);
        const file = await openPipe(path, pipeMs);
        return await new Response(file.readable).bytes();
      } catch (error) {
        throw unreadable(path, error);
      }
    },
    exposure: (path) => exposureOf(path, "data")?.why,
    async list(path) {
      try {
        return await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
      } catch (error) {
        throw unreadable(path, error);
      }
    },
    async run(path, args, { signal }) {
      refuseExposed(path);
      const timeout = AbortSignal.timeout(timeoutMs);
      return await runScript({ path, args }, {
        maxBytes,
        signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
      }).catch((error) => {
        if (error !== timeout.reason) throw error;
        throw scriptError(path, `it took longer than ${timeoutMs / 1000} s`, {
          cause: error,
        });
      });
    },
  };
}

/** Opens a pipe; this waits for its writer. */
async function openPipe(path: string, ms: number): Promise<Deno.FsFile> {
  const opening = Deno.open(path);
  const file = await within(opening, { ms, instead: undefined });
  if (file !== undefined) return file;
  opening.then((late) => late.close(), () => {});
  throw new Error(
    `it is a pipe, and no process opened it for writing within ${ms / 1000} s`,
  );
}

/** Runs a script and returns its output. The signal kills its process group. */
async function runScript(
  { path, args }: { path: string; args: readonly string[] },
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const child = startScript(path, args);
  const kill = () => killGroup(child.pid);
  signal.addEventListener("abort", kill);
  try {
    const [stdout, stderr, { success, code }] = await Promise.all([
      readUpTo(child.stdout, { maxBytes, signal, onCut: kill }),
      readUpTo(child.stderr, { maxBytes: MAX_STDERR_BYTES, signal }),
      child.status,
    ]);
    signal.throwIfAborted();
    if (stdout.cut) {
      throw scriptError(path, `it printed more than ${maxBytes} bytes`);
    }
    if (!success) {
      const why = new TextDecoder().decode(stderr.bytes).trim().split("\n").at(
        -1,
      );
      throw scriptError(
        path,
        `it ended with status ${code}${why ? `: ${why}` : ""}`,
      );
    }
    return stdout.bytes;
  } finally {
    signal.removeEventListener("abort", kill);
    // The signal has killed it, unless it is another user's.
    if (signal.aborted) {
      await within(child.status, { ms: KILLED_MS, instead: undefined });
    }
  }
}

function startScript(path: string, args: readonly string[]): Deno.ChildProcess {
  try {
    // An absolute path: a bare name would be searched for in PATH.
    return new Deno.Command(resolve(path), {
      ...startFolder(),
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (cause) {
    const isMissing = cause instanceof Deno.errors.NotFound;
    throw scriptError(
      path,
      isMissing
        ? "the interpreter in its first line is missing"
        : String(cause),
      { cause },
    );
  }
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has just ended on its own, or became another user, as with sudo.
    const { NotFound, PermissionDenied } = Deno.errors;
    if (error instanceof NotFound || error instanceof PermissionDenied) return;
    throw error;
  }
}

/**
 * Reads a stream to its end, but keeps its first bytes only. The signal ends the
 * wait: a process that the script started may hold its output open.
 */
async function readUpTo(
  stream: ReadableStream<Uint8Array>,
  { maxBytes, signal, onCut }: {
    maxBytes: number;
    signal: AbortSignal;
    onCut?: () => void;
  },
): Promise<{ bytes: Uint8Array; cut: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const through = new TransformStream<Uint8Array, Uint8Array>();
  for await (const chunk of stream.pipeThrough(through, { signal })) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else onCut?.();
  }
  return {
    bytes: new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()),
    cut: size > maxBytes,
  };
}

function scriptError(
  path: string,
  why: string,
  options: ErrorOptions = {},
): InventoryError {
  return new InventoryError(`Cannot run inventory ${path}: ${why}`, options);
}

/** Whether the path does not exist or cannot exist, as with a list of hosts. */
function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    (error instanceof Error && "code" in error &&
      error.code === "ENAMETOOLONG");
}

function unreadable(path: string, cause: unknown): InventoryError {
  const why = cause instanceof Deno.errors.PermissionDenied
    ? "permission denied"
    : messageOf(cause);
  return new InventoryError(`Cannot read inventory ${path}: ${why}`, { cause });
}

/** Refuses a script that another user can change, and so run anything as us. */
function refuseExposed(path: string): void {
  const exposure = exposureOf(path, "program");
  if (exposure === undefined) return;
  const { why, hint } = exposure;
  throw new InventoryError(`Cannot run inventory ${path}: ${why}`, { hint });
}
