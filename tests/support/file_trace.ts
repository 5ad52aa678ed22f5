// Watches which files a tree of processes creates, changes or removes, with strace.
import { join } from "@std/path";
import { type Need, need, needProgram } from "./need.ts";

const strace = needProgram("strace");
const CALLS = "open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename," +
  "renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir," +
  "truncate";

/** States that a test needs strace, and the right to trace. */
export const traceNeed: Need = need(
  "right to trace",
  strace.path && canTrace() ? strace.path : undefined,
);

function canTrace(): boolean {
  const { success } = new Deno.Command(strace.path, {
    args: ["-qq", "-o", "/dev/null", "true"],
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success;
}

/** What processes have done to files since a trace was started. */
export interface FileTrace extends AsyncDisposable {
  /** Ends it; resolves to the system calls that changed something. */
  stop(): Promise<readonly string[]>;
}

/** Starts to trace a process and those that it starts from now on. */
export async function traceFiles(pid: number): Promise<FileTrace> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-trace-" });
  const log = join(folder, "log");
  const process = new Deno.Command(strace.path, {
    args: ["-f", "-p", String(pid), "-o", log, "-e", `trace=${CALLS}`],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = process.stderr.getReader();
  const first = await stderr.read(); // "strace: Process PID attached"
  stderr.releaseLock();
  if (first.done) throw new Error("Cannot trace: strace ended");
  const drained = process.stderr.pipeTo(new WritableStream());
  let ended: Promise<readonly string[]> | undefined;
  const end = async () => {
    process.kill("SIGINT"); // it lets go of what it traces
    await Promise.all([process.status, drained]);
    const text = await Deno.readTextFile(log);
    await Deno.remove(folder, { recursive: true });
    return text.split("\n").filter(isChange);
  };
  return {
    stop: () => ended ??= end(),
    [Symbol.asyncDispose]: async () => void await (ended ??= end()),
  };
}

/** Devices and processes, which are not on a disk. */
const ELSEWHERE = /^\d+ +\w+\((?:AT_FDCWD, )?"\/(?:dev|proc)\//;

function isChange(line: string): boolean {
  if (!/^\d+ +\w+\(/.test(line)) return false; // a signal, or the rest of a call
  if (/ = -1 E/.test(line) || ELSEWHERE.test(line)) return false;
  return !/^\d+ +open/.test(line) ||
    /O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE/.test(line);
}
