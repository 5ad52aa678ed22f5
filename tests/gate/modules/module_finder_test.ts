import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../../src/errors.ts";
import { ModuleFinder } from "../../../src/gate/modules/module_finder.ts";
import { withTree } from "../../support/source_tree.ts";

const OLD = "#!/usr/bin/python\n";

Deno.test("ModuleFinder returns a module again until a file or folder on the way changes", () =>
  withTree({ "lib/ping.py": OLD, "earlier/README": "" }, async (folder) => {
    const finder = new ModuleFinder({
      dirs: [join(folder, "earlier"), join(folder, "lib")],
    });
    const first = await finder.find("ping");
    assertStrictEquals(await finder.find("ping"), first);
    await Deno.writeTextFile(join(folder, "lib/ping.py"), `${OLD}# edited\n`);
    const second = await finder.find("ping");
    assertNotEquals(second.sha256, first.sha256);
    await Deno.writeTextFile(join(folder, "earlier/ping.py"), OLD);
    assertEquals(
      (await finder.find("ping")).path,
      join(folder, "earlier/ping.py"),
    );
    assertEquals((await finder.find("ping", { native: true })).kind, "native");
    await Deno.remove(join(folder, "earlier/ping.py"));
    await Deno.remove(join(folder, "lib/ping.py"));
    await assertRejects(() => finder.find("ping"), BuildError);
  }));

Deno.test("ModuleFinder reads the files once for several questions, until one changes", () =>
  withTree({ "lib/ping.py": OLD, "earlier/README": "" }, async (folder) => {
    const finder = new ModuleFinder({
      dirs: [join(folder, "earlier"), join(folder, "lib")],
    });
    await finder.locate("ping");
    const found = await finder.find("ping");
    assertStrictEquals((await finder.read("ping")).bytes, found.bytes);
    await Deno.writeTextFile(join(folder, "lib/ping.py"), `${OLD}# edited\n`);
    const edited = await finder.find("ping", { native: true });
    assertNotEquals(edited.sha256, found.sha256);
    await Deno.writeTextFile(join(folder, "earlier/ping.py"), `${OLD}# new\n`);
    const { path } = await finder.read("ping");
    assertEquals(path, join(folder, "earlier/ping.py"));
  }));
