// The rules on imports (docs/architecture.md): which layer may import which,
// who may import the heavy packages, and what only the command line may do.
import { join } from "@std/path";
import type { Import } from "./read_imports.ts";

/** From the bottom up: an import may only point to a lower row. */
const ROWS: readonly (readonly string[])[] = [
  ["errors"],
  ["async", "disk", "json"],
  ["ownership", "template"],
  ["protocol", "inventory", "store", "transport"],
  ["gate"],
  ["core"],
  ["output"],
  ["console"],
  ["mod"],
  ["cli"],
];

const PACKAGES = [
  {
    name: "ssh2",
    // It loads ssh2 so that its ciphers are finalized, and exports its types too.
    files: /^src\/transport\/ssh\/library\/ssh2\.ts$/,
    place: "src/transport/ssh/library/ssh2.ts",
  },
  {
    name: "fflate",
    files: /^src\/gate\/format\/zipapp\.ts$/,
    place: "src/gate/format/zipapp.ts",
  },
  {
    name: "@jmespath-community/jmespath",
    files: /^src\/(?:output\/query|template\/filters\/query_filter)\.ts$/,
    place: "src/output/query.ts and src/template/filters/query_filter.ts",
  },
  ...["@nats-io/transport-node", "@nats-io/jetstream", "@nats-io/obj"].map(
    (name) => ({ name, files: /^src\/core\/nats\//, place: "src/core/nats" }),
  ),
];

/** Besides src/ itself, what its files may import from the checkout. */
const OUTSIDE = /^(?:std\/|deno\.json$|release_signers$|docs\/\w+\.md$)/;

const MAX_LINES = 400;

/** Checks one import; every message names a file and a line. */
export function checkImport({ from, line, specifier, to }: Import): string[] {
  const place = `${from}:${line}`;
  if (to === undefined) {
    return PACKAGES
      .filter(({ name, files }) =>
        packageOf(specifier) === name && !files.test(from)
      )
      .map((rule) =>
        `${place}: ${rule.name} may be imported in ${rule.place} only`
      );
  }
  if (!to.startsWith("src/")) {
    return OUTSIDE.test(to)
      ? []
      : [`${place}: ${to} is outside src and may not be imported there`];
  }
  const [lower, higher] = [layerOf(to), layerOf(from)];
  if (rowOf(higher) === -1) {
    return [`${place}: ${higher} is not a layer of docs/architecture.md`];
  }
  return lower === higher || rowOf(lower) < rowOf(higher)
    ? []
    : [`${place}: ${higher} may not import ${lower} (${to})`];
}

/** Checks the length of a file, and that only the command line prints or exits. */
export async function checkText(root: string, file: string): Promise<string[]> {
  const lines = (await Deno.readTextFile(join(root, file))).split("\n");
  const messages = lines.length - 1 > MAX_LINES
    ? [`${file}: ${lines.length - 1} lines are over the ${MAX_LINES} allowed`]
    : [];
  if (!file.endsWith(".ts") || layerOf(file) === "cli") return messages;
  for (const [i, line] of lines.entries()) {
    if (/^\s*(?:\/\/|\/?\*)/.test(line)) continue;
    const use = line.match(/\bDeno\.exit\b|\bprocess\.exit\b|\bconsole\.\w+\(/);
    if (use === null) continue;
    const name = use[0].replace("(", "");
    messages.push(`${file}:${i + 1}: ${name} may be used in src/cli only`);
  }
  return messages;
}

/** The name of the package that a bare or `npm:` specifier means. */
function packageOf(specifier: string): string {
  return specifier.replace(/^npm:\/?/, "").match(/^(?:@[^/]*\/)?[^/@]*/)![0];
}

/** `core` for `src/core/run/run.ts`, `errors` for `src/errors.ts`. */
function layerOf(path: string): string {
  return path.split("/")[1]!.replace(/\.ts$/, "");
}

function rowOf(layer: string): number {
  return ROWS.findIndex((row) => row.includes(layer));
}
