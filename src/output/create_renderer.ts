// Renderers by the names of their formats.
import { createJsonRenderer } from "./json_renderer.ts";
import { createNdjsonRenderer } from "./ndjson_renderer.ts";
import type { Format, Renderer, TextWriter } from "./renderer.ts";
import { createTableRenderer } from "./table_renderer.ts";
import { createTextRenderer } from "./text/text_renderer.ts";

/** What the formats may be told; each heeds what concerns it. */
export interface RendererOptions {
  /** The version of ftl, for the JSON document. */
  readonly version: string;
  /** Colour in text and table. Default: false. */
  readonly colour?: boolean;
  /** The number of `-v`. Default: 0. */
  readonly verbosity?: number;
  /** What shows that which was cut, in text. Default: `-v`. */
  readonly remedy?: string | undefined;
  /** Only failures and the summary, in text and table. Default: false. */
  readonly quiet?: boolean;
  /** How results differ from the most frequent one, in text. Default: false. */
  readonly diffHosts?: boolean;
  /** The columns of a table, as paths. */
  readonly columns?: readonly string[];
  /** The width that a table must fit in. Default: no bound. */
  readonly width?: number;
}

/** Makes the renderer of a format, which writes with `write`. */
export function createRenderer(
  format: Format,
  options: RendererOptions & { write: TextWriter },
): Renderer {
  switch (format) {
    case "text":
      return createTextRenderer(options.write, options);
    case "json":
      return createJsonRenderer(options.write, options);
    case "ndjson":
      return createNdjsonRenderer(options.write);
    case "table":
      return createTableRenderer(options.write, options);
  }
}
