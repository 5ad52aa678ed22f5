// Creates the renderer of a format.
import { createJobsRenderer } from "./jobs_renderer.ts";
import { createJsonRenderer } from "./json_renderer.ts";
import { createNdjsonRenderer } from "./ndjson_renderer.ts";
import { createLinesRenderer } from "./lines_renderer.ts";
import type { ResultQuery } from "./query.ts";
import type { Format, Renderer, TextWriter } from "./renderer.ts";
import { createTableRenderer } from "./table_renderer.ts";
import { createTextRenderer } from "./text/text_renderer.ts";

/** Options of all formats; each format uses those that apply to it. */
export interface RendererOptions {
  /** The version of ftl, for JSON. */
  readonly version: string;
  /** Color in text and table. Default: false. */
  readonly color?: boolean;
  /** The number of `-v`. Default: 0. */
  readonly verbosity?: number;
  /** Show text whole, as for a program that reads it. Default: false. */
  readonly whole?: boolean;
  /** Show progress as it is reported. Default: false. */
  readonly stream?: boolean;
  /** How users see text that was cut. Default: `-v`. */
  readonly remedy?: string | undefined;
  /** How users see what even `-v` omits, in text. Default: `--format json`. */
  readonly fullRemedy?: string | undefined;
  /** How many lines of a program's output text shows. Default: 500,000. */
  readonly maxTail?: number | undefined;
  /** Show only failures and the summary, in text and table. Default: false. */
  readonly quiet?: boolean;
  /** Show how results differ from the most frequent one, in text. Default: false. */
  readonly diffHosts?: boolean;
  /** The columns of a table, as paths. */
  readonly columns?: readonly string[];
  /** The maximum width of a table, and of hints in text. Default: no limit. */
  readonly width?: number;
  /** Text is a table of the jobs of hosts, unless there is a query. Default: false. */
  readonly listsJobs?: boolean;
  /** What is shown of each result. Default: all of it. */
  readonly query?: ResultQuery | undefined;
  /** Writes errors and stderr of lines, and errors of a table of jobs. */
  readonly writeError?: TextWriter;
}

/** Creates the renderer of a format; it writes with `write`. */
export function createRenderer(
  format: Format,
  options: RendererOptions & { write: TextWriter },
): Renderer {
  switch (format) {
    case "text":
      if (options.listsJobs && options.query === undefined) {
        return createJobsRenderer(options.write, options);
      }
      return createTextRenderer(options.write, options);
    case "json":
      return createJsonRenderer(options.write, options);
    case "ndjson":
      return createNdjsonRenderer(options.write, options);
    case "table":
      return createTableRenderer(options.write, options);
    case "lines":
      return createLinesRenderer(options.write, options);
  }
}
