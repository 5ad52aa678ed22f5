// Makes packages of the portable binary dist/ftl for Linux: a .deb and an .rpm,
// with the runtime unpacked below /usr/lib/ftl, where all users share it. They run
// no scripts.
// deno-lint-ignore-file no-console
import { fromFileUrl, join } from "@std/path";
import { buildDeb } from "./package/deb.ts";
import { buildRpm } from "./package/rpm.ts";
import { stagePackage } from "./package/stage.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const USAGE = `Usage: deno task package [deb] [rpm] [OPTIONS]

  --binary FILE   a portable binary for this machine (default: dist/ftl)
  --version TEXT  the version (default: that of deno.json)
  --output DIR    write to this folder (default: dist)
`;

const BUILDERS = { deb: buildDeb, rpm: buildRpm } as const;
type Kind = keyof typeof BUILDERS;

async function main(argv: readonly string[]): Promise<number> {
  const kinds: Kind[] = [];
  let binary = join(ROOT, "dist", "ftl");
  let output = join(ROOT, "dist");
  let version: string | undefined;
  for (let i = 0; i < argv.length; i++) {
    const [word, value] = [argv[i]!, argv[i + 1]];
    if (word === "deb" || word === "rpm") kinds.push(word);
    else if (word === "--binary" && value) binary = argv[++i]!;
    else if (word === "--output" && value) output = argv[++i]!;
    else if (word === "--version" && value) version = argv[++i]!;
    else {
      console.error(USAGE);
      return 2;
    }
  }
  await Deno.mkdir(output, { recursive: true });
  await using stage = await stagePackage({ root: ROOT, binary, version });
  for (const kind of kinds.length > 0 ? kinds : ["deb", "rpm"] as const) {
    const path = await BUILDERS[kind](stage, output);
    const { size } = await Deno.stat(path);
    console.log(`${path}: ${(size / 1e6).toFixed(1)} MB`);
  }
  return 0;
}

Deno.exit(await main(Deno.args));
