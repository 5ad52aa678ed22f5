// The check of arguments refuses nothing that Ansible accepts: each module's real
// argument spec, as its main() hands it over, and each module's EXAMPLES. The modules
// of the installed ansible-core and a few collections; with FTL_TEST_CASES=all of every
// core and all collections, or of the collections that it names.
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { checkArguments } from "../../src/core/run/check_arguments.ts";
import { parseArgumentText } from "../../src/core/input/arguments.ts";
import { openHostFleet } from "../../src/core/fleet/host_fleet.ts";
import { BuildError } from "../../src/errors.ts";
import { ArgumentRules } from "../../src/gate/modules/argument_rules.ts";
import type { SpecEntry } from "../../src/gate/modules/argument_spec.ts";
import { readDocumentation } from "../../src/gate/modules/module_documentation.ts";
import { findModule } from "../../src/gate/modules/module_finder.ts";
import type { ModuleSources } from "../../src/gate/sources/library.ts";
import { parseYaml } from "../../src/inventory/format/yaml.ts";
import type { JsonObject } from "../../src/protocol/message.ts";
import { runPython } from "../support/ansible.ts";
import { type Core, cores } from "../support/cores.ts";
import { CASES } from "./cases/all_cases.ts";
import { ansibleNeed, collectionsNeed } from "./site.ts";

const REAL_SPECS = new URL("./real_specs.py", import.meta.url);
/** Names of collections with commas, or `all`. */
const wanted = Deno.env.get("FTL_TEST_CASES");
const COLLECTIONS = ["ansible.posix", "community.docker", "community.mysql"];

type Real = { aliases: string[]; required: boolean; choices: string[] };
type Specs = Record<string, Record<string, Real>>;

for (const core of cores().slice(0, wanted === "all" ? undefined : 1)) {
  Deno.test(`the arguments of ansible-core ${core.series} are checked as it does`, async () => {
    const sources = { dirs: [core.modules] };
    assertEquals(await faultsOf(await modulesOfCore(core), sources), []);
  });
}

Deno.test({
  name:
    `the arguments of collections are checked as Ansible does${collectionsNeed.suffix}`,
  ignore: collectionsNeed.ignore,
  fn: async (t) => {
    const folder = dirname(dirname(ansibleNeed.modules));
    const sources = { dirs: [ansibleNeed.modules], collections: [folder] };
    for (const collection of await collectionsIn(folder)) {
      await t.step(collection, async () => {
        const modules = await modulesOfCollection(folder, collection);
        assertEquals(await faultsOf(modules, sources), []);
      });
    }
  },
});

Deno.test({
  name:
    `of the calls that both make, only those are refused that fail${collectionsNeed.suffix}`,
  ignore: collectionsNeed.ignore,
  fn: async () => {
    const folder = dirname(dirname(ansibleNeed.modules));
    const sources = { dirs: [ansibleNeed.modules], collections: [folder] };
    await using fleet = await openHostFleet({ hosts: [], sources });
    const refused: string[] = [];
    for (const { module, does, args, words } of CASES) {
      const given = args ?? await argumentsOf(module, words ?? "") ?? {};
      const call = { module, args: given as JsonObject };
      await checkArguments(call, fleet)
        .catch(() => refused.push(`${module} ${does}`));
    }
    assertEquals(refused, [
      "file fails for a parameter that it does not have",
      "file fails for a parameter that is missing",
      "file fails for a value that is not a choice",
      "stat fails for a sum that it cannot make",
      "find fails without a folder",
      "tempfile fails for what is neither",
      "debug fails for another option",
      "fail fails for another option",
      "assert fails for another option",
      "include_vars fails for an option",
    ]);
  },
});

/** A module: how ftl and Python name it, and the folder of its package. */
interface Module {
  readonly name: string;
  readonly python: string;
  readonly folder: string;
}

/** What the check refuses of modules that Ansible accepts. */
async function faultsOf(
  modules: readonly Module[],
  sources: ModuleSources,
): Promise<string[]> {
  const asked = modules.map(({ folder, python }) => [folder, python]);
  const input = JSON.stringify(asked);
  const specs = await runPython(ansibleNeed.python, REAL_SPECS, input) as Specs;
  const faults: string[] = [];
  for (const { name, python } of modules) {
    const spec = specs[python];
    if (spec) faults.push(...await faultsOfRules(name, { spec, sources }));
    faults.push(...await faultsOfExamples(name, { spec, sources }));
  }
  return faults;
}

async function faultsOfRules(
  name: string,
  { spec, sources }: { spec: Specs[string]; sources: ModuleSources },
): Promise<string[]> {
  const file = await findModule(name, sources).catch(() => undefined);
  const rules = file && await ArgumentRules.of(file, { sources });
  if (rules === undefined) return [];
  const names = Object.entries(spec)
    .flatMap(([name, { aliases }]) => [name, ...aliases])
    .filter((name) => !name.startsWith("_"));
  const { unknown } = await rules.findUnknown(names, { isAction: false });
  return [
    ...unknown.map((each) => `${name} refuses ${each}`),
    ...Object.entries(rules.entries ?? {}).flatMap(([each, entry]) =>
      faultsOfEntry(`${name} ${each}`, entry, spec[each])
    ),
  ];
}

function faultsOfEntry(
  name: string,
  entry: SpecEntry,
  real: Real | undefined,
): string[] {
  if (real === undefined) return []; // a newer core's file arguments
  const choices = entry.choices ?? real.choices;
  return [
    ...(entry.isRequired && !real.required ? [`${name} is not required`] : []),
    ...(String(choices) === String(real.choices) ? [] : [`${name}: choices`]),
  ];
}

/** Examples that are refused, though the module's real spec takes them. */
async function faultsOfExamples(
  name: string,
  { spec, sources }: {
    spec: Specs[string] | undefined;
    sources: ModuleSources;
  },
): Promise<string[]> {
  await using fleet = await openHostFleet({ hosts: [], sources });
  // PowerShell modules are refused before their arguments are.
  if (await fleet.locate(name).catch(() => undefined) === undefined) return [];
  const faults: string[] = [];
  for (const args of await examplesOf(name, sources)) {
    const error = await checkArguments({ module: name, args }, fleet)
      .then(() => undefined, (error) => error);
    if (error === undefined) continue;
    if (!(error instanceof BuildError)) throw error;
    if (!refuses(spec, args)) faults.push(error.message);
  }
  return faults;
}

/** Whether Ansible refuses the arguments too: not all examples are up to date. */
function refuses(spec: Specs[string] | undefined, args: JsonObject): boolean {
  if (spec === undefined) return false;
  const known = Object.entries(spec)
    .flatMap(([name, { aliases }]) => [name, ...aliases]);
  return Object.keys(args).some((name) => !known.includes(name)) ||
    Object.entries(spec).some(([name, { aliases, required, choices }]) => {
      const given = [name, ...aliases].find((each) =>
        Object.hasOwn(args, each)
      );
      if (given === undefined) return required;
      const values = [args[given]].flat();
      return choices.length > 0 &&
        values.some((value) => !choices.includes(String(value)));
    });
}

/** The arguments of a module's examples. */
async function examplesOf(
  name: string,
  sources: ModuleSources,
): Promise<JsonObject[]> {
  const { examples } = await readDocumentation(name, sources)
    .catch(() => ({ examples: undefined }));
  if (examples === undefined) return [];
  const found: JsonObject[] = [];
  for (const value of tasksOf(examples)) {
    const args = await argumentsOf(name, value);
    if (args !== undefined) found.push(args);
  }
  return found;

  function tasksOf(text: string): unknown[] {
    const reading = { warn: () => {}, fault: () => new SyntaxError() };
    try {
      const file = { text, file: "EXAMPLES" };
      return [...valuesOf(parseYaml(file, reading).value())];
    } catch {
      return []; // not all examples are YAML
    }
  }

  /** What stands under the module's name, anywhere. */
  function* valuesOf(value: unknown): Iterable<unknown> {
    if (typeof value !== "object" || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      const isCall = key === name || key === name.split(".").at(-1);
      if (isCall && !Array.isArray(value)) yield each;
      else yield* valuesOf(each);
    }
  }
}

async function argumentsOf(
  module: string,
  value: unknown,
): Promise<JsonObject | undefined> {
  if (typeof value === "string") {
    const options = { module, readText: () => Promise.resolve("{}") };
    return await parseArgumentText(value, options)
      .then(({ args }) => args, () => undefined);
  }
  if (Array.isArray(value) || (value ?? undefined) === undefined) {
    return undefined;
  }
  return JSON.parse(JSON.stringify(value));
}

async function modulesOfCore({ modules }: Core): Promise<Module[]> {
  const folder = dirname(dirname(modules));
  return (await namesIn(modules)).map((stem) => ({
    name: `ansible.builtin.${stem}`,
    python: `ansible.modules.${stem}`,
    folder,
  }));
}

async function modulesOfCollection(
  folder: string,
  collection: string,
): Promise<Module[]> {
  const path = collection.replace(".", "/");
  const modules = join(folder, "ansible_collections", path, "plugins/modules");
  return (await namesIn(modules)).map((stem) => ({
    name: `${collection}.${stem}`,
    python: `ansible_collections.${collection}.plugins.modules.${stem}`,
    folder,
  }));
}

async function collectionsIn(folder: string): Promise<string[]> {
  if (wanted !== "all") {
    const named = wanted?.split(",").filter((name) => name.includes(".")) ?? [];
    return named.length > 0 ? named : COLLECTIONS;
  }
  const names: string[] = [];
  const top = join(folder, "ansible_collections");
  for await (const { name: ns, isDirectory } of Deno.readDir(top)) {
    if (!isDirectory || ns === "__pycache__") continue;
    for await (const { name } of Deno.readDir(join(top, ns))) {
      if (/^[a-z]\w*$/.test(name)) names.push(`${ns}.${name}`);
    }
  }
  return names.sort();
}

/** The modules of a folder; none where it does not exist. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name)
      .filter((name) => name.endsWith(".py") && !name.startsWith("_"))
      .map((name) => name.slice(0, -3)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
