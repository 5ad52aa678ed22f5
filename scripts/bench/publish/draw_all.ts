// `deno task bench charts`: draws docs/performance/results.json: an SVG for each
// comparison, and the parts of docs/performance.md and README.md between
// `<!-- figures: NAME -->` and `<!-- end -->`.
import { fromFileUrl } from "@std/path";
import { describe, drawChart } from "./draw_chart.ts";
import { keyFigures, pageParts } from "./figure_pages.ts";
import type { ResultCase, Results } from "./results.ts";

const DOCS = new URL("../../../docs/", import.meta.url);

/** Where the published figures are. */
export const RESULTS = fromFileUrl(new URL("performance/results.json", DOCS));

/** Reads the published figures. */
export async function readResults(): Promise<Results> {
  return JSON.parse(await Deno.readTextFile(RESULTS));
}

/** All files that are drawn from the figures, by path; pages as they are now. */
export async function drawnFiles(
  results: Results,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const figures of results.cases) {
    files.set(chartPath(figures), drawChart(figures));
  }
  const pages = {
    "performance.md": pageParts(results, describe),
    "../README.md": keyFigures(results),
  };
  for (const [name, parts] of Object.entries(pages)) {
    const path = fromFileUrl(new URL(name, DOCS));
    files.set(path, await fillIn(await Deno.readTextFile(path), parts));
  }
  return files;
}

/** Draws the published figures. */
export async function drawAll(): Promise<void> {
  for (const [path, text] of await drawnFiles(await readResults())) {
    await Deno.writeTextFile(path, text);
  }
}

function chartPath({ id }: ResultCase): string {
  return fromFileUrl(new URL(`performance/${id}.svg`, DOCS));
}

/** Replaces the parts of a page, and formats it as `deno fmt` does. */
async function fillIn(
  page: string,
  parts: ReadonlyMap<string, string>,
): Promise<string> {
  const text = page.replace(
    /(<!-- figures: ([\w-]+) -->\n)[^]*?(<!-- end -->)/g,
    (_, start, name, end) => {
      const part = parts.get(name);
      if (part === undefined) throw new Error(`There are no figures ${name}`);
      return `${start}\n${part}\n${end}`;
    },
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format the page");
  return new TextDecoder().decode(stdout);
}
