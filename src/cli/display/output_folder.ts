// `--output DIR`: writes each host's result to a file, for programs that read
// results one by one.
import { join } from "@std/path";
import { makePrivateFolder } from "../../disk/place.ts";
import { writeFile } from "../../disk/write.ts";
import { FtlError } from "../../errors.ts";
import { plainLines } from "../../output/plain_lines.ts";
import { toEntry } from "../../output/result_entry.ts";
import { toJsonText } from "../../output/escape.ts";
import { UsageError } from "../process/exit_code.ts";
import type { Sink } from "./recorder.ts";

/** How many files are written at once. */
const CONCURRENT_WRITES = 32;

/**
 * Writes `DIR/HOST.json` for each result, `DIR/HOST.txt` with its plain lines, or
 * both; only their owner can read them.
 *
 * @throws {UsageError} when the folder cannot be made, or belongs to a user other
 * than us and root.
 */
export function createOutputFolder(
  folder: string,
  format: "json" | "text" | "both" = "json",
): Sink {
  try {
    makePrivateFolder(folder);
  } catch (cause) {
    throw new UsageError(
      `Cannot write results to ${folder}: ${(cause as Error).message}`,
      { cause },
    );
  }
  const entries = new Map<string, string>();
  return {
    event(event) {
      if (event.event === "run_start") entries.clear();
      else if (event.event === "result") {
        const name = fileName(event.host);
        if (format !== "text") {
          entries.set(`${name}.json`, toJsonText(toEntry(event)) + "\n");
        }
        if (format !== "json") {
          const lines = plainLines(event).map((line) => `${line}\n`);
          entries.set(`${name}.txt`, lines.join(""));
        }
      }
    },
    async finish() {
      try {
        const left = entries.entries();
        await Promise.all(
          Array.from({ length: CONCURRENT_WRITES }, async () => {
            for (const [name, text] of left) {
              const path = join(folder, name);
              await writeFile(path, new TextEncoder().encode(text), {
                isFlushed: false, // flushing takes longer than writing
              });
            }
          }),
        );
      } catch (cause) {
        throw new FtlError(
          `Cannot write all results to ${folder}: ${(cause as Error).message}`,
          { cause },
        );
      }
    },
  };
}

/** A host's name as a file name: characters with a meaning in paths are escaped. */
function fileName(host: string): string {
  return host.replace(
    // deno-lint-ignore no-control-regex
    /^\.|[/\\%\x00-\x1f]/g,
    (character) =>
      `%${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
  );
}
