// `ftl gate build`, `list`, `show`, `verify` and `prune`.
import { writeFile } from "../../../disk/write.ts";
import { BuildError, messageOf } from "../../../errors.ts";
import { type Archive, buildGate } from "../../../gate/archive/build_gate.ts";
import { explainArchive } from "../../../gate/archive/explain_gate.ts";
import { readArchive } from "../../../gate/archive/load_archive.ts";
import { openStore, type Store } from "../../../store/store.ts";
import { escapeLine, escapeText, toJsonText } from "../../../output/escape.ts";
import type { Context } from "../context.ts";
import { EXIT, UsageError, warningText } from "../../process/exit_code.ts";
import type { ModuleOptions } from "../../options/options.ts";
import { sourcesOf } from "../../input/module_sources.ts";

/** The option of commands that print text or JSON. */
export type FormatOptions = { format?: "text" | "json" };
/** The options of `ftl gate build`. */
export type GateBuildOptions = ModuleOptions & FormatOptions & {
  module?: string[];
  ftlModule?: string[];
  all?: boolean;
  output?: string;
};

/** The options of `ftl gate prune`. */
export type PruneOptions = { keep?: number; days?: number };

/** Builds a gate, and prints its id and path. */
export async function handleGateBuild(
  modules: string[],
  options: GateBuildOptions,
  context: Context,
): Promise<number> {
  const names = [...modules, ...options.module ?? []];
  const native = options.ftlModule ?? [];
  if (!options.all && names.length + native.length === 0) {
    throw new UsageError("Cannot build a gate: no module is named", {
      hint: "Name modules, or add all of a folder: ftl gate build -M DIR --all",
    });
  }
  const archive = await buildGate({
    modules: options.all ? "all" : names,
    native,
    ...sourcesOf(options),
  }, { store: await openStore() });
  for (const text of archive.warnings) context.err(warningText(text));
  for (const [name, why] of Object.entries(archive.skipped)) {
    context.err(warningText(`skipped ${name}: ${why}`));
  }
  if (options.output) await writeGate(options.output, archive.bytes);
  const path = options.output ?? archive.path;
  const { id, bytes, built } = archive;
  context.out(
    options.format === "json"
      ? JSON.stringify({ id, path, bytes: bytes.length, built }) + "\n"
      : escapeLine(`${id} ${path}`) + "\n",
  );
  return EXIT.ok;
}

async function writeGate(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { mode: 0o644 });
  } catch (cause) {
    const why = messageOf(cause);
    throw new BuildError(`Cannot write the gate ${path}: ${why}`, { cause });
  }
}

/** Lists the gates and packs in the store. */
export async function handleGateList(
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
    options.format === "json" ? toJsonText(items, 2) + "\n" : items
      .map(({ kind, id, size, used }) =>
        `${kind} ${id} ${String(size).padStart(9)} ${
          used.toISOString().slice(0, 10)
        }\n`
      ).join(""),
  );
  return EXIT.ok;
}

/** Prints what a gate contains, and which module needs each file. */
export async function handleGateShow(
  name: string,
  options: FormatOptions,
  context: Context,
): Promise<number> {
  const archive = await openOne(name);
  const { id, bytes, manifest } = archive;
  const why = await explainArchive(archive);
  if (options.format === "json") {
    context.out(
      toJsonText({ id, bytes: bytes.length, ...manifest, why }, 2) +
        "\n",
    );
    return EXIT.ok;
  }
  const lines = [
    `gate ${id}`,
    `${bytes.length} bytes, built by ftl ${manifest.ftl}`,
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
  context.out(escapeText(lines.join("\n") + "\n"));
  return EXIT.ok;
}

/** Checks gates; the first that is damaged ends the command. */
export async function handleGateVerify(
  names: readonly string[],
  context: Context,
): Promise<number> {
  for (const name of names) {
    const { id, bytes } = await openOne(name);
    context.out(`${id} ${bytes.length} bytes, intact\n`);
  }
  return EXIT.ok;
}

/** Removes old gates and packs, and prints their ids. */
export async function handleGatePrune(
  { keep = 20, days = 30 }: PruneOptions,
  context: Context,
): Promise<number> {
  const store = await openStore();
  const removed = await store.prune({ keep, maxAgeDays: days });
  for (const { id } of removed) context.out(`removed ${id}\n`);
  return EXIT.ok;
}

/** Opens a gate by its file, or by a prefix of its id in the store. */
async function openOne(name: string): Promise<Archive> {
  if (!/^[0-9a-f]{4,64}$/.test(name)) return await readArchive(name);
  const store = await openStore();
  return await readArchive((await findItem(store, name)).path);
}

async function findItem(store: Store, prefix: string) {
  const items = [...await store.list("gates"), ...await store.list("packs")];
  const found = items.filter(({ id }) => id.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    `Cannot find the gate ${prefix}: ` +
      (found.length === 0
        ? "no id has this prefix"
        : `${found.length} ids have this prefix`),
    { hint: "List the ids with ftl gate list" },
  );
}
