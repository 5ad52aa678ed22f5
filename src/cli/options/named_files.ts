// Reads and writes files that the command line names.
import { untilAbort } from "../../async/abort.ts";
import { writeNewFile } from "../../disk/write.ts";
import { messageOf } from "../../errors.ts";
import { escapeLine } from "../../output/escape.ts";
import { exposureOf } from "../../ownership.ts";
import type { Context } from "../commands/context.ts";
import { UsageError } from "../process/exit_code.ts";

/**
 * Reads a text file; `-` is stdin. Warns when other users can change the file.
 *
 * @throws {UsageError} when it cannot be read, or is not UTF-8.
 */
export async function readText(
  path: string,
  context: Context,
): Promise<string> {
  if (path === "-") return await context.readInput();
  const bytes = await readBytes(path, context);
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes);
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: it is not UTF-8 text`, {
      cause,
    });
  }
}

/**
 * Reads a file; `-` is stdin. Warns when other users can change the file.
 *
 * @throws {UsageError} when it cannot be read.
 */
export async function readBytes(
  path: string,
  context: Context,
): Promise<Uint8Array> {
  if (path === "-") return new TextEncoder().encode(await context.readInput());
  if (path === "") {
    throw new UsageError("Cannot read a file: no name follows the @", {
      hint: "Write @FILE, or @- for standard input",
    });
  }
  try {
    const exposure = exposureOf(expandHome(path), "data");
    if (exposure !== undefined) {
      context.err(
        `ftl: warning: other users can change ${escapeLine(path)}: ${
          escapeLine(exposure.why)
        }\n`,
      );
    }
    // Opening a pipe waits for its writer.
    return await untilAbort(Deno.readFile(expandHome(path)), context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    throw new UsageError(`Cannot read ${path}: ${reason(error)}`, {
      cause: error,
    });
  }
}

/**
 * Writes a new file that only its owner can read.
 *
 * @throws {UsageError} when it already exists or cannot be written.
 */
export async function writeNewText(path: string, text: string): Promise<void> {
  try {
    await writeNewFile(expandHome(path), new TextEncoder().encode(text));
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${reason(error)}`, {
      cause: error,
    });
  }
}

/** Files and folders (which end in `/`) whose path starts with a prefix. */
export async function filesWithPrefix(prefix: string): Promise<string[]> {
  const cut = prefix.lastIndexOf("/") + 1;
  const [folder, name] = [prefix.slice(0, cut), prefix.slice(cut)];
  const paths: string[] = [];
  try {
    for await (const entry of Deno.readDir(expandHome(folder) || ".")) {
      if (!entry.name.startsWith(name)) continue;
      if (entry.name.startsWith(".") && name === "") continue;
      paths.push(folder + entry.name + (entry.isDirectory ? "/" : ""));
    }
  } catch {
    return []; // no such folder, or not readable
  }
  return paths.sort();
}

/** Expands `~/` to HOME, as a shell does. */
export function expandHome(path: string): string {
  const home = Deno.env.get("HOME");
  return path.startsWith("~/") && home ? home + path.slice(1) : path;
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "the file does not exist";
  if (error instanceof Deno.errors.AlreadyExists) return "it already exists";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return messageOf(error);
}
