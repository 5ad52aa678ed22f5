import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { ACTIONS } from "../../../src/core/actions/registry.ts";
import { Reader } from "../../../src/gate/sources/build_inputs.ts";
import {
  openLibrary,
  resolveSources,
} from "../../../src/gate/sources/library.ts";
import { fullModuleName } from "../../../src/gate/modules/module_lookup.ts";
import { ModuleSearch } from "../../../src/gate/modules/module_search.ts";
import { needAnsible } from "../../support/ansible.ts";
import { cores } from "../../support/cores.ts";
import { need } from "../../support/need.ts";

const document = new URL("../../../docs/modules.md", import.meta.url);

/** The table rows in docs/modules.md that start with a name. */
async function rows(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(document);
  return new Map(
    [...text.matchAll(/^\| `([\w.]+)` +\| (.*?) +\|$/gm)]
      .map(([, name, says]) => [name!, says!]),
  );
}

Deno.test("docs/modules.md lists what is done for each module with an action plugin", async () => {
  const said = [...await rows()].filter(([name]) => !name.includes("."));
  assertEquals(
    said.map(([name]) => `ansible.builtin.${name}`).sort(),
    [...ACTIONS.keys()].sort(),
  );
  for (const [name, says] of said) {
    const { plan, instead } = ACTIONS.get(`ansible.builtin.${name}`)!;
    assertEquals(says.startsWith("refused"), instead !== undefined, name);
    assertEquals(typeof plan === "function", instead === undefined, name);
  }
});

Deno.test("every module with an action plugin in some ansible-core has an entry", () => {
  const untreated = cores().flatMap(({ series, modules }) => {
    const list = (folder: string) =>
      [...Deno.readDirSync(join(modules, "..", folder))]
        .map(({ name }) => name).filter((name) => name.endsWith(".py"));
    const known = new Set(list("modules"));
    return list("plugins/action")
      .filter((file) => known.has(file) && file !== "__init__.py")
      .map((file) => `ansible.builtin.${file.slice(0, -3)}`)
      .filter((name) => !ACTIONS.has(name))
      .map((name) => `${name} of ${series}`);
  });
  assertEquals(untreated, []);
});

const ansible = needAnsible();
const folder = join(dirname(dirname(ansible.modules)), "ansible_collections");
const collections = need(
  "Ansible's collections",
  isFolder(join(folder, "community/general")) ? folder : undefined,
);

Deno.test({
  name:
    `docs/modules.md counts the actions of collections${collections.suffix}`,
  ignore: collections.ignore,
  fn: async () => {
    const expected = [...await rows()].filter(([name]) => name.includes("."));
    const counts = new Map<string, string>();
    for (const [name] of expected) {
      counts.set(name, String(await countActions(name)));
    }
    assertEquals([...counts], expected);
    const others = ["community.mysql", "ansible.posix", "containers.podman"];
    for (const name of others.filter((name) => !counts.has(name))) {
      assertEquals(await countActions(name), 0, name);
    }
  },
});

/** How many modules of a collection are run as actions. */
async function countActions(collection: string): Promise<number> {
  const sources = resolveSources({ dirs: [], collections: [folder] });
  const library = await openLibrary(sources, new Reader());
  const root = join(folder, ...collection.split("."));
  let count = 0;
  for (const path of modulesBelow(join(root, "plugins/modules"))) {
    const entry = path.slice(dirname(folder).length + 1);
    const name = fullModuleName(entry);
    assert(name !== undefined, entry);
    // What has moved to another collection or is gone counts there, or nowhere.
    const found = await new ModuleSearch(library).find(name).catch(() =>
      undefined
    );
    if (found?.importable !== entry || found.powershell) continue;
    if (found.hasAction) count++;
  }
  return count;
}

function modulesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    if (name.startsWith("_")) return [];
    if (isDirectory) return modulesBelow(join(folder, name));
    return name.endsWith(".py") ? [join(folder, name)] : [];
  });
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
