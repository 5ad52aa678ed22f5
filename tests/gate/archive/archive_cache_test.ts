import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import {
  buildBaseGate,
  buildGate,
  buildPack,
} from "../../../src/gate/archive/build_gate.ts";
import { findModule } from "../../../src/gate/modules/module_finder.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { needAnsible } from "../../support/ansible.ts";
import { CORE, withTree, writeTree } from "../../support/source_tree.ts";

const ansible = needAnsible();

function withStore(
  test: (folder: string, store: Store) => Promise<void>,
): Promise<void> {
  return withTree(
    { ...CORE, "lib/own.py": "def main(name):\n    return name\n" },
    async (folder) => test(folder, await openStore(join(folder, "store"))),
  );
}

function specIn(folder: string) {
  return {
    modules: ["ping", "uri", "own"],
    dirs: [join(folder, "lib"), join(folder, "core")],
  };
}

Deno.test("a gate comes from the cache with the same description", () =>
  withStore(async (folder, store) => {
    const first = await buildGate(specIn(folder), { store });
    assertEquals([first.built, first.path], [
      true,
      store.pathOf("gates", first.id),
    ]);
    assertEquals(await buildGate(specIn(folder), { store }), {
      ...first,
      built: false,
    });
    const other = await openStore(store.path);
    assert(!(await buildGate(specIn(folder), { store: other })).built);
  }));

Deno.test("base gates and packs come from the cache too", () =>
  withStore(async (folder, store) => {
    const sources = { dirs: [join(folder, "core")] };
    const uri = await findModule("uri", sources);
    const base = await buildBaseGate({ store, sources });
    const pack = await buildPack(uri, base, { store, sources });
    assert(base.built && pack.built);
    assertEquals(await buildBaseGate({ store, sources }), {
      ...base,
      built: false,
    });
    assertEquals(await buildPack(uri, base, { store, sources }), {
      ...pack,
      built: false,
    });
    assertEquals(pack.path, store.pathOf("packs", pack.id));
  }));

Deno.test("a gate in the cache is not used when a file has changed, at any depth", () =>
  withStore(async (folder, store) => {
    const first = await buildGate(specIn(folder), { store });
    const text = join(folder, "core/ansible/module_utils/common/text.py");
    const before = await Deno.readTextFile(text);
    await Deno.writeTextFile(text, before.replace("value", "other"));
    const second = await buildGate(specIn(folder), { store });
    assert(second.built);
    assertNotEquals(second.id, first.id);
    await Deno.writeTextFile(text, before);
    assertEquals((await buildGate(specIn(folder), { store })).id, first.id);
  }));

Deno.test("a gate in the cache is not used when something appears in an earlier folder", () =>
  withStore(async (folder, store) => {
    const utils = join(folder, "utils");
    await Deno.mkdir(utils);
    const spec = { ...specIn(folder), moduleUtils: [utils] };
    const first = await buildGate(spec, { store });
    await writeTree(utils, { "common/text.py": "# mine\n" });
    const second = await buildGate(spec, { store });
    assertNotEquals(second.id, first.id);
    await writeTree(folder, { "lib/ping.py": "#!/usr/bin/python\n" });
    const third = await buildGate(spec, { store });
    assertEquals(third.manifest.modules.ping?.kind, "old");
    await Deno.remove(join(utils, "common"), { recursive: true });
    await Deno.remove(join(folder, "lib/ping.py"));
    assertEquals((await buildGate(spec, { store })).id, first.id);
  }));

Deno.test("a gate in the cache is used when files were only touched", () =>
  withStore(async (folder, store) => {
    await buildGate(specIn(folder), { store });
    const now = new Date();
    await Deno.utime(join(folder, "lib/own.py"), now, now);
    assert(!(await buildGate(specIn(folder), { store })).built);
  }));

Deno.test("a link among the folders that leads elsewhere is another folder", () =>
  withTree({
    "a/x.py": "print(1)\n",
    "b/x.py": "print(2)\n",
    "link@": "a",
  }, async (folder) => {
    const store = await openStore(join(folder, "store"));
    const spec = { modules: ["x"], dirs: [join(folder, "link")] };
    const first = await buildGate(spec, { store });
    await Deno.remove(join(folder, "link"));
    await Deno.symlink("b", join(folder, "link"));
    assertNotEquals((await buildGate(spec, { store })).id, first.id);
  }));

Deno.test("a damaged gate in the cache is built again", () =>
  withStore(async (folder, store) => {
    const { id, path } = await buildGate(specIn(folder), { store });
    await Deno.writeTextFile(path!, "damaged");
    const again = await buildGate(specIn(folder), { store });
    assertEquals([again.id, again.built], [id, true]);
    assert(!(await buildGate(specIn(folder), { store })).built);
  }));

Deno.test("many builds of the same at once end with the same gate in the cache", () =>
  withStore(async (folder, store) => {
    const gates = await Promise.all(
      Array.from({ length: 6 }, () => buildGate(specIn(folder), { store })),
    );
    assertEquals(new Set(gates.map(({ id }) => id)).size, 1);
    assert(!(await buildGate(specIn(folder), { store })).built);
  }));

Deno.test("a gate is built even if it cannot be stored", () =>
  withStore(async (folder, store) => {
    await Deno.remove(join(store.path, "gates"));
    await Deno.writeTextFile(join(store.path, "gates"), "");
    const gate = await buildGate(specIn(folder), { store });
    assertEquals(gate.path, null);
    assert(gate.warnings[0]?.startsWith("Cannot store the gate: "));
  }));

Deno.test({
  name:
    `all of ansible-core's modules come from the cache, the same bytes as without it${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: () =>
    withStore(async (_folder, store) => {
      const spec = { modules: "all", dirs: [ansible.modules] } as const;
      const built = await buildGate(spec, { store });
      assert(built.built && Object.keys(built.manifest.modules).length > 30);
      const kept = await buildGate(spec, { store });
      assertEquals([kept.id, kept.built], [built.id, false]);
      assertEquals((await buildGate(spec, {})).id, built.id);
    }),
});
