import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { findInstalledModules } from "../../../src/gate/sources/installed_ansible.ts";

Deno.test("findInstalledModules() returns the first folder that exists", async () => {
  const root = await Deno.makeTempDir();
  try {
    const places = ["one", "two"].map((name) => join(root, name));
    assertEquals(await findInstalledModules(places), undefined);
    const modules = join(root, "two/ansible/modules");
    await Deno.mkdir(modules, { recursive: true });
    assertEquals(await findInstalledModules(places), modules);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
