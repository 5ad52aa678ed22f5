// The console's history across sessions: one JSON string per line, appended, so
// that parallel sessions lose nothing. Only its owner can read it. The caller
// leaves out lines that must not be stored.
import { join } from "@std/path";
import { BuildError } from "../errors.ts";
import { appendLine } from "../disk/append.ts";
import { readIfPresent } from "../disk/read.ts";
import { writeAtomically } from "../disk/write.ts";
import { defaultFolder, openFolder } from "./folder.ts";

const MAX_LINES = 2000;

/** The history of one store. */
export interface History {
  /** The newest first, each once. */
  readonly lines: readonly string[];
  /**
   * Adds a line; a newline in it is kept.
   *
   * @throws {BuildError} when it cannot be written.
   */
  add(line: string): Promise<void>;
}

/**
 * Opens the history. Damaged lines are skipped.
 *
 * @param home The store's folder. Default: `FTL_HOME`, else `~/.ftl`.
 * @throws {BuildError} when the folder is not safe, or the file cannot be read.
 */
export async function openHistory(home?: string): Promise<History> {
  const folder = await openFolder(home ?? await defaultFolder());
  const path = join(folder, "history");
  const lines = await readLines(path).catch((error) => {
    throw refusal(path, error);
  });
  return {
    lines,
    // deno-lint-ignore require-await -- a refusal is a rejection
    add: async (line) => {
      try {
        appendLine(path, JSON.stringify(line));
      } catch (error) {
        throw refusal(path, error as Error);
      }
    },
  };
}

async function readLines(path: string): Promise<string[]> {
  const text = new TextDecoder().decode(await readIfPresent(path));
  const stored = text.split("\n").filter((line) => line !== "");
  if (stored.length > 2 * MAX_LINES) {
    const kept = stored.slice(-MAX_LINES).map((line) => line + "\n").join("");
    await writeAtomically(path, new TextEncoder().encode(kept));
  }
  const newestFirst = stored.slice(-MAX_LINES).reverse().flatMap(readLine);
  return [...new Set(newestFirst)];
}

function refusal(path: string, error: Error): BuildError {
  return new BuildError(
    `Cannot keep the history in ${path}: ${error.message}`,
    { cause: error },
  );
}

function readLine(text: string): string[] {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === "string" ? [line] : [];
  } catch {
    return []; // cut short by a full disk
  }
}
