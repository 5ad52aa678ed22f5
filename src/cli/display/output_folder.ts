// `--output DIR`: a file for each host with its result, for programs that go
// through them one by one.
import { join } from "@std/path";
import { FtlError } from "../../errors.ts";
import { toEntry } from "../../output/result_entry.ts";
import { toJsonText } from "../../output/escape.ts";
import { UsageError } from "../process/exit_code.ts";
import type { Sink } from "./recorder.ts";

/** How many files are written at a time. */
const SIDE_BY_SIDE = 32;

/**
 * Writes `DIR/HOST.json` for each result; only their owner can read them.
 *
 * @throws {UsageError} when the folder cannot be made.
 */
export function createOutputFolder(folder: string): Sink {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
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
        entries.set(event.host, toJsonText(toEntry(event)) + "\n");
      }
    },
    async finish() {
      try {
        const left = entries.entries();
        await Promise.all(
          Array.from({ length: SIDE_BY_SIDE }, async () => {
            for (const [host, text] of left) {
              const path = join(folder, `${fileName(host)}.json`);
              await Deno.writeTextFile(path, text, { mode: 0o600 });
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

/** A host's name as that of a file: what has a meaning in paths is escaped. */
function fileName(host: string): string {
  return host.replace(
    // deno-lint-ignore no-control-regex
    /^\.|[/\\%\x00-\x1f]/g,
    (character) =>
      `%${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
  );
}
