// Makes the binary: `dist/ftl` for this machine, and with --target for others.
// It is native where denort is available, otherwise portable, and the output says
// which. Beside it are a bill of materials and the SHA-256 sums of all of dist.
// deno-lint-ignore-file no-console
import { fromFileUrl, join } from "@std/path";
import { type Content, makeContent, partsFor } from "./compile/content.ts";
import { compileNative, whyNotNative } from "./compile/native.ts";
import { formatBill } from "./compile/packages.ts";
import { packPortable, sha256 } from "./compile/portable.ts";
import { writeSums } from "./compile/sums.ts";
import { runProgram, UsageError } from "./run_program.ts";
import { type Target, TARGETS, thisMachine } from "./compile/targets.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const USAGE = `Usage: deno task compile [OPTIONS]

Makes the binary dist/ftl for this machine, or binaries for others.

  --target NAME    ${TARGETS.map(({ name }) => name).join(", ")}
                   (repeatable; default: this machine, as dist/ftl)
  --native         fail where no native binary can be made
  --portable       make portable binaries even where native ones are possible
  --deno VERSION   the Deno in portable binaries for other machines
  --output DIR     write to this folder (default: dist)`;

/** What the command line asks for. */
interface Order {
  /** Machines by path. */
  readonly files: ReadonlyMap<string, Target>;
  readonly form: "native" | "portable" | "either";
  readonly deno: string;
  readonly folder: string;
}

async function main(argv: readonly string[]): Promise<number> {
  const order = readOrder(argv);
  await Deno.mkdir(order.folder, { recursive: true });
  const content = await makeContent();
  for (const [path, target] of order.files) {
    await make(path, { target, order, content });
  }
  await writeSums(order.folder);
  return 0;
}

/** @throws {UsageError} when it cannot be followed. */
function readOrder(argv: readonly string[]): Order {
  const targets: Target[] = [];
  let form: Order["form"] = "either";
  let deno = Deno.version.deno;
  let folder = join(ROOT, "dist");
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === "--native") form = "native";
    else if (argv[i] === "--portable") form = "portable";
    else if (argv[i] === "--deno" && argv[i + 1]) deno = argv[++i]!;
    else if (argv[i] === "--output" && argv[i + 1]) folder = argv[++i]!;
    else if (argv[i] === "--target") {
      const name = argv[++i];
      const target = TARGETS.find((target) => target.name === name);
      if (target === undefined) {
        throw new UsageError(`Cannot compile for ${name ?? "nothing"}`);
      }
      targets.push(target);
    } else throw new UsageError(`Cannot use ${argv[i]}`);
  }
  const here = thisMachine();
  if (targets.length === 0 && here === undefined) {
    throw new UsageError("Cannot compile for this machine: use --target");
  }
  const files = targets.length > 0
    ? targets.map((each) => [join(folder, `ftl-${each.name}`), each] as const)
    : [[join(folder, "ftl"), here!] as const];
  return { files: new Map(files), form, deno, folder };
}

async function make(
  path: string,
  { target, order, content }: {
    target: Target;
    order: Order;
    content: Content;
  },
): Promise<void> {
  const why = order.form === "portable"
    ? "as requested"
    : await whyNotNative(target);
  if (why !== undefined && order.form === "native") {
    throw new Error(`Cannot make a native binary for ${target.name}: ${why}`);
  }
  const deno = why === undefined ? Deno.version.deno : order.deno;
  if (why === undefined) {
    await compileNative(path, { bundle: content.bundle, target });
  } else await makePortable(path, { target, version: deno, content });
  const bytes = await Deno.readFile(path);
  const { packages } = content;
  await Deno.writeTextFile(
    `${path}.cdx.json`,
    formatBill({
      target: target.name,
      sha256: await sha256(bytes),
      deno,
      packages,
    }),
  );
  const form = why === undefined ? "native" : `portable (${why})`;
  const size = (bytes.length / 1e6).toFixed(1);
  console.log(`${path}: ${form}, for ${target.name}, ${size} MB`);
}

async function makePortable(
  path: string,
  { target, version, content }: {
    target: Target;
    version: string;
    content: Content;
  },
): Promise<void> {
  const bytes = await packPortable(await partsFor(target, content, version));
  // The existing one may be running.
  const unfinished = `${path}.unfinished`;
  await Deno.writeFile(unfinished, bytes, { mode: 0o755 });
  await Deno.rename(unfinished, path);
}

if (import.meta.main) await runProgram({ usage: USAGE, main });
