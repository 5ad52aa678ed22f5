// Makes packages for Linux: .deb with dpkg-deb, and .rpm with rpmbuild. The same
// sources give the same bytes. Their SHA-256 sums are beside them.
// deno-lint-ignore-file no-console
import { fromFileUrl, join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { makeContent, partsFor } from "./compile/content.ts";
import { run, type Target, TARGETS, thisMachine } from "./compile/targets.ts";
import { makeDeb } from "./package/deb.ts";
import { makeRpm } from "./package/rpm.ts";
import { writeTree } from "./package/tree.ts";
import { writeSums } from "./compile/sums.ts";
import { runProgram, UsageError } from "./run_program.ts";

const FORMATS = {
  deb: { tool: "dpkg-deb", make: makeDeb },
  rpm: { tool: "rpmbuild", make: makeRpm },
} as const;
const USAGE = `Usage: deno task package [OPTIONS]

Makes .deb and .rpm packages of the binary, and their sums.

  --target NAME    linux-x64, linux-arm64 (repeatable; default: this machine)
  --format FORMAT  deb, rpm (repeatable; default: those whose tools are installed)
  --output DIR     write to this folder (default: dist)`;

type Format = keyof typeof FORMATS;

/** What the command line asks for. */
interface Order {
  readonly targets: readonly Target[];
  readonly formats: readonly Format[];
  readonly folder: string;
}

async function main(argv: readonly string[]): Promise<number> {
  const order = readOrder(argv);
  const { targets, folder } = order;
  const formats = order.formats.length > 0
    ? order.formats
    : await installedFormats();
  await Deno.mkdir(folder, { recursive: true });
  const content = await makeContent();
  for (const target of targets) {
    const parts = await partsFor(target, content, Deno.version.deno);
    for (const format of formats) {
      const tree = await Deno.makeTempDir({ prefix: "ftl-package-" });
      try {
        await Deno.chmod(tree, 0o755);
        await writeTree(tree, parts, format);
        const path = await FORMATS[format].make({
          tree,
          target: target.name,
          version: config.version,
          output: folder,
        });
        const { size } = await Deno.stat(path);
        console.log(`${path}: ${(size / 1e6).toFixed(1)} MB`);
      } finally {
        await Deno.remove(tree, { recursive: true });
      }
    }
  }
  await writeSums(folder);
  return 0;
}

/** @throws {UsageError} when it cannot be followed. */
function readOrder(argv: readonly string[]): Order {
  const targets: Target[] = [];
  const formats: Format[] = [];
  let folder = join(fromFileUrl(new URL("..", import.meta.url)), "dist");
  for (let i = 0; i < argv.length; i += 2) {
    const value = argv[i + 1];
    const option = argv[i]!;
    if (!/^--(?:output|format|target)$/.test(option)) {
      throw new UsageError(`Cannot use ${option}`);
    }
    if (value === undefined) throw new UsageError(`${option} needs a value`);
    if (option === "--output") folder = value;
    else if (option === "--format") {
      if (!isFormat(value)) throw new UsageError(`Unknown format ${value}`);
      formats.push(value);
    } else {
      const target = TARGETS.find(({ name }) => name === value);
      if (!target?.name.startsWith("linux-")) {
        throw new UsageError(`Cannot make packages for ${value}`);
      }
      targets.push(target);
    }
  }
  if (targets.length === 0) {
    const here = thisMachine();
    if (here === undefined) {
      throw new UsageError(
        "Cannot make packages for this machine: use --target",
      );
    }
    targets.push(here);
  }
  return { targets, formats, folder };
}

/** The formats whose tools this machine has; says which it lacks. */
async function installedFormats(): Promise<Format[]> {
  const found: Format[] = [];
  for (const [format, { tool }] of Object.entries(FORMATS)) {
    try {
      await run(tool, ["--version"]);
      found.push(format as Format);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      console.log(`No .${format} is made: ${tool} is not installed`);
    }
  }
  return found;
}

function isFormat(name: string): name is Format {
  return Object.hasOwn(FORMATS, name);
}

if (import.meta.main) await runProgram({ usage: USAGE, main });
