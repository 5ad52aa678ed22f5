// `--report FILE.html`: writes one page about a run, to pass on to other people.
import { dirname } from "@std/path";
import { requireRegular, requireSafeFolder } from "../../disk/place.ts";
import { writeFile } from "../../disk/write.ts";
import { FtlError, messageOf } from "../../errors.ts";
import { createReportCollector } from "../../output/report/report_data.ts";
import { UsageError } from "../process/exit_code.ts";
import { VERSION } from "../process/version.ts";
import type { Sink } from "./recorder.ts";

/**
 * Writes the report of a run to a file that only its owner can read.
 *
 * @throws {UsageError} before the run, when the file cannot be written.
 */
export function createReportFile(path: string): Sink {
  try {
    requireSafeFolder(dirname(path));
    requireRegular(path);
  } catch (cause) {
    throw new UsageError(
      `Cannot write the report ${path}: ${messageOf(cause)}`,
      { cause },
    );
  }
  const collector = createReportCollector({ version: VERSION });
  return {
    event: (event) => collector.event(event),
    async finish() {
      const data = collector.data();
      if (data === undefined) return;
      const { reportPage } = await import(
        "../../output/report/report_page.ts"
      );
      const page = new TextEncoder().encode(await reportPage(data));
      await writeFile(path, page).catch((cause) => {
        throw new FtlError(
          `Cannot write the report ${path}: ${messageOf(cause)}`,
          { cause },
        );
      });
    },
  };
}
