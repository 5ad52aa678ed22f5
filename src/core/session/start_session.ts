// Starts a session in the background: without a terminal, in a process session of
// its own, so that it outlives this process, its shell and a lost connection.
import { within } from "../../async/deadline.ts";
import { messageOf, SourceError } from "../../errors.ts";
import { defaultFolder } from "../../store/folder.ts";
import { SESSION_PROCESS } from "./session_word.ts";

/** How long a session may take to start. */
const START_MS = 15_000;

/** How ftl is started once more. */
export interface SessionProgram {
  readonly path: string;
  /** Arguments before those of ftl. */
  readonly args: readonly string[];
  /** The whole environment of the session. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a session, and waits until clients can connect to it; resolves to `taken`
 * when another process has the name.
 *
 * @throws {SourceError} when it does not start.
 */
export async function startSession(
  name: string,
  { idleMs, program: { path, args, env } }: {
    idleMs: number;
    program: SessionProgram;
  },
): Promise<"ready" | "taken"> {
  const { startFolder } = await import("../../disk/start_folder.ts");
  const command = new Deno.Command(path, {
    ...startFolder(),
    args: [...args, SESSION_PROCESS, name, String(idleMs)],
    clearEnv: true,
    env: { ...env, FTL_HOME: await defaultFolder() },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    detached: true,
  });
  const fail = (why: string, cause?: unknown) =>
    new SourceError(`Cannot start the session ${name}: ${why}`, { cause });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (cause) {
    throw fail(messageOf(cause), cause);
  }
  const line = await within(firstLine(child.stdout), {
    ms: START_MS,
    instead: undefined,
  });
  child.unref();
  // Another process may have started it in the meantime.
  if (line === "ready" || line === "taken") return line;
  if (line === undefined) child.kill("SIGKILL");
  throw fail(
    line === undefined
      ? `it was not ready within ${START_MS / 1000} s`
      : line || "it ended at once",
  );
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  reader.cancel().catch(() => {}); // nothing more comes
  return text.split("\n")[0]!;
}
