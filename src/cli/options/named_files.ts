// Files that the command line names.
import { writeNewFile } from "../../disk/write.ts";
import { messageOf } from "../../errors.ts";
import { escapeLine } from "../../output/escape.ts";
import { exposureOf } from "../../ownership.ts";
import type { Context } from "../commands/context.ts";
import { UsageError } from "../process/exit_code.ts";

/** The text of a file; `-` is stdin. */
export async function readText(
  path: string,
  context: Context,
): Promise<string> {
  if (path === "-") return await context.readInput();
  try {
    const exposure = exposureOf(atHome(path), "data");
    if (exposure !== undefined) {
      context.err(
        `ftl: warning: others may change ${escapeLine(path)}: ${
          escapeLine(exposure.why)
        }\n`,
      );
    }
    return await Deno.readTextFile(atHome(path));
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${reason(error)}`, {
      cause: error,
    });
  }
}

/**
 * Writes a file that only its owner can read, and that must not exist yet.
 */
export async function writeNewText(path: string, text: string): Promise<void> {
  try {
    await writeNewFile(atHome(path), new TextEncoder().encode(text));
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${reason(error)}`, {
      cause: error,
    });
  }
}

/** Files and folders (which end in `/`) whose path begins so. */
export async function filesBeginning(begin: string): Promise<string[]> {
  const cut = begin.lastIndexOf("/") + 1;
  const [folder, name] = [begin.slice(0, cut), begin.slice(cut)];
  const paths: string[] = [];
  try {
    for await (const entry of Deno.readDir(atHome(folder) || ".")) {
      if (!entry.name.startsWith(name)) continue;
      if (entry.name.startsWith(".") && name === "") continue;
      paths.push(folder + entry.name + (entry.isDirectory ? "/" : ""));
    }
  } catch {
    return []; // there is no such folder, so nothing in it
  }
  return paths.sort();
}

/** `~/` stands for our own home, as in a shell. */
function atHome(path: string): string {
  const home = Deno.env.get("HOME");
  return path.startsWith("~/") && home ? home + path.slice(1) : path;
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.AlreadyExists) return "it exists already";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return messageOf(error);
}
