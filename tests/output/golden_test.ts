// The same runs in every format, compared with tests/fixtures/output. To accept
// what is rendered now as right: FTL_UPDATE_GOLDEN=1 deno test -A tests/output
import { assertEquals } from "@std/assert";
import {
  createRenderer,
  type RendererOptions,
} from "../../src/output/create_renderer.ts";
import { type Format, FORMATS } from "../../src/output/renderer.ts";
import { render, sampleRun } from "./sample_run.ts";

const FOLDER = new URL("../fixtures/output/", import.meta.url);

const VARIANTS: Record<Format, Record<string, Partial<RendererOptions>>> = {
  text: {
    text: {},
    text_verbose: { verbosity: 1 },
    text_quiet: { quiet: true },
    text_diff_hosts: { diffHosts: true },
    text_color: { color: true },
  },
  json: { json: {} },
  ndjson: { ndjson: {} },
  table: {
    table: {},
    table_columns: { columns: ["host", "result.size", "ping"], width: 40 },
  },
  lines: { lines: {} },
};

for (const count of [1, 3, 50, 10_000]) {
  const hosts = count === 1 ? "1 host" : `${count} hosts`;
  for (const format of FORMATS) {
    for (const [name, options] of Object.entries(VARIANTS[format])) {
      Deno.test(`createRenderer() renders ${hosts} as the golden ${name}`, async () => {
        const text = render(
          (write) =>
            createRenderer(format, { version: "0.0.0", ...options, write }),
          sampleRun(count),
        );
        const shown = count > 50 ? await digest(text) : text;
        await assertGolden(`${count}_${name}.txt`, shown);
      });
    }
  }
}

async function assertGolden(name: string, actual: string): Promise<void> {
  const url = new URL(name, FOLDER);
  if (Deno.env.get("FTL_UPDATE_GOLDEN")) await Deno.writeTextFile(url, actual);
  assertEquals(actual, await Deno.readTextFile(url));
}

/** A long text by its hash, its length, its first and its last lines. */
async function digest(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  const hex = Array.from(
    new Uint8Array(hash),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
  const lines = text.split("\n").map((line) =>
    line.length > 200 ? `${line.slice(0, 200)}[cut]` : line
  );
  return [
    `sha256 ${hex}`,
    `${bytes.length} bytes, ${lines.length} lines`,
    ...lines.slice(0, 12),
    "[cut]",
    ...lines.slice(-12),
  ].join("\n");
}
