// `ftl gate`: build gates ahead of a run, and look after those that are kept.
import type { Command } from "commander";
import { type Archive, buildGate } from "../gate/build.ts";
import { readArchive } from "../gate/read_archive.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Context } from "./context.ts";
import { EXIT, UsageError } from "./exit_code.ts";
import {
  addOptions,
  MODULE_ROWS,
  type ModuleOptions,
  type Row,
} from "./options.ts";
import type { CommandHost } from "./command.ts";

type FormatOptions = { format?: "text" | "json" };
type BuildOptions = ModuleOptions & FormatOptions & {
  module?: string[];
  ftlModule?: string[];
  all?: boolean;
  output?: string;
};

const FORMAT: Row = {
  flags: "--format <name>",
  help: "how the answer is written",
  choices: ["text", "json"],
  default: "text",
};
const NAMES: readonly Row[] = [
  {
    flags: "-m, --module <name>",
    help: "put this module in (repeatable)",
    parse: (value, previous) => [...(previous as string[] ?? []), value],
  },
  {
    flags: "-f, --ftl-module <name>",
    help: "put this native module in (repeatable)",
    parse: (value, previous) => [...(previous as string[] ?? []), value],
  },
  { flags: "--all", help: "put in every module of the folders that can run" },
  { flags: "-o, --output <file>", help: "write the gate to a file as well" },
];

/** Adds `ftl gate` and what is below it. */
export function addGate(program: Command, { context, action }: CommandHost) {
  const gate = program.command("gate")
    .summary("build gates, list and check those that are kept")
    .description(
      "Builds gates ahead of a run, and looks after those in ~/.ftl.",
    );

  const build = gate.command("build")
    .summary("build a gate that holds everything of a run")
    .description(
      "Builds a gate that holds everything of a run. Needs no Python.",
    )
    .argument("[modules...]", "names or files of modules")
    .addHelpText("after", EXAMPLES)
    .action(
      action((modules: string[], options: BuildOptions) =>
        buildOne(modules, options, context)
      ),
    );
  addOptions(build, {
    "The gate:": NAMES,
    "Modules:": MODULE_ROWS,
    "Output:": [FORMAT],
  });

  const list = gate.command("list")
    .summary("list the gates and packs that are kept")
    .description("Lists the gates and packs that are kept, last used first.")
    .action(action((options: FormatOptions) => listAll(options, context)));
  const show = gate.command("show")
    .summary("say what is in a gate, and why")
    .description(
      "Says what is in a gate: its modules, and what pulled in what.",
    )
    .argument("<gate>", "a file, or the beginning of an id")
    .action(
      action((name: string, options: FormatOptions) =>
        showOne(name, options, context)
      ),
    );
  for (const command of [list, show]) {
    addOptions(command, { "Output:": [FORMAT] });
  }

  gate.command("verify")
    .summary("check that a gate is whole")
    .description("Checks every entry of a gate against its manifest.")
    .argument("<gates...>", "files, or the beginnings of ids")
    .action(action(async (names: string[]) => {
      for (const name of names) {
        const { id, bytes } = await openOne(name);
        context.out(`${id} ${bytes.length} bytes, whole\n`);
      }
      return EXIT.ok;
    }));

  const prune = gate.command("prune")
    .summary("remove gates and packs that are no longer used")
    .description(
      "Removes gates and packs from ~/.ftl; what is needed is rebuilt.",
    )
    .action(action(async (options: { keep?: number; days?: number }) => {
      const { keep = 20, days = 30 } = options;
      const store = await openStore();
      const removed = await store.prune({ keep, maxAgeDays: days });
      for (const { id } of removed) context.out(`removed ${id}\n`);
      return EXIT.ok;
    }));
  addOptions(prune, {
    "What is kept:": [
      {
        flags: "--keep <number>",
        help: "of each kind",
        parse: Number,
        default: "20",
      },
      {
        flags: "--days <number>",
        help: "used since",
        parse: Number,
        default: "30",
      },
    ],
  });
}

async function buildOne(
  modules: string[],
  options: BuildOptions,
  context: Context,
): Promise<number> {
  const names = [...modules, ...options.module ?? []];
  const native = options.ftlModule ?? [];
  if (!options.all && names.length + native.length === 0) {
    throw new UsageError("Cannot build a gate: no module is named", {
      hint: "Name some, or take all of a folder: ftl gate build -M DIR --all",
    });
  }
  const archive = await buildGate({
    modules: options.all ? "all" : names,
    native,
    dirs: options.moduleDir ?? [],
    moduleUtils: options.moduleUtils ?? [],
    collections: options.collectionsPath ?? [],
  }, { store: await openStore() });
  for (const text of archive.warnings) context.err(`ftl: ${text}\n`);
  for (const [name, why] of Object.entries(archive.skipped)) {
    context.err(`ftl: left out ${name}: ${why}\n`);
  }
  if (options.output) {
    await Deno.writeFile(options.output, archive.bytes, { mode: 0o644 });
  }
  const path = options.output ?? archive.path;
  const { id, bytes, built } = archive;
  context.out(
    options.format === "json"
      ? JSON.stringify({ id, path, bytes: bytes.length, built }) + "\n"
      : `${id} ${path}\n`,
  );
  return EXIT.ok;
}

async function listAll(
  options: FormatOptions,
  context: Context,
): Promise<number> {
  const store = await openStore();
  const items = [];
  for (const kind of ["gates", "packs"] as const) {
    for (const item of await store.list(kind)) {
      items.push({ kind: kind.slice(0, -1), ...item });
    }
  }
  context.out(
    options.format === "json" ? JSON.stringify(items, null, 2) + "\n" : items
      .map(({ kind, id, size, used }) =>
        `${kind} ${id} ${String(size).padStart(9)} ${
          used.toISOString().slice(0, 10)
        }\n`
      ).join(""),
  );
  return EXIT.ok;
}

async function showOne(
  name: string,
  options: FormatOptions,
  context: Context,
): Promise<number> {
  const { id, bytes, manifest, why } = await openOne(name);
  if (options.format === "json") {
    context.out(
      JSON.stringify({ id, bytes: bytes.length, ...manifest, why }, null, 2) +
        "\n",
    );
    return EXIT.ok;
  }
  const lines = [
    `gate ${id}`,
    `${bytes.length} bytes, made by ftl ${manifest.ftl}`,
  ];
  for (const [name, { kind }] of Object.entries(manifest.modules)) {
    lines.push(`module ${name} (${kind})`);
  }
  for (const [path, { size }] of Object.entries(manifest.entries)) {
    const users = why[path];
    lines.push(
      `  ${String(size).padStart(8)} ${path}` +
        (users?.length
          ? `  for ${users.slice(0, 3).join(", ")}` +
            (users.length > 3 ? ` and ${users.length - 3} more` : "")
          : ""),
    );
  }
  context.out(lines.join("\n") + "\n");
  return EXIT.ok;
}

/** A gate by its file, or by the beginning of its id in the store. */
async function openOne(name: string): Promise<Archive> {
  if (!/^[0-9a-f]{4,64}$/.test(name)) return await readArchive(name);
  const store = await openStore();
  return await readArchive((await findItem(store, name)).path);
}

async function findItem(store: Store, start: string) {
  const items = [...await store.list("gates"), ...await store.list("packs")];
  const found = items.filter(({ id }) => id.startsWith(start));
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    `Cannot tell which gate is ${start}: ` +
      (found.length === 0 ? "none is kept" : `${found.length} begin so`),
    { hint: "See: ftl gate list" },
  );
}

const EXAMPLES = `
Examples:
  ftl gate build ping service -M modules
  ftl gate build -M /usr/lib/python3/dist-packages/ansible/modules --all -o all.pyz
  python3 all.pyz --info
`;
