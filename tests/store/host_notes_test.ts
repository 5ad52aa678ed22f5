import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { HostNotes } from "../../src/store/host_notes.ts";

async function withFile(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(join(folder, "hosts.json"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("of() returns what was noted and saved before", () =>
  withFile(async (path) => {
    const notes = await HostNotes.open(path);
    notes.note("me@web1", { login: "none" });
    notes.note("me@web1", { openssh: "a reason" });
    notes.note("me@web2", { login: "password" });
    await notes.save();
    const later = await HostNotes.open(path);
    assertEquals(later.of("me@web1"), { login: "none", openssh: "a reason" });
    assertEquals(later.of("me@web2"), { login: "password" });
    assertEquals(later.of("me@web3"), {});
  }));

Deno.test("save() writes nothing new, and keeps what others saved", () =>
  withFile(async (path) => {
    const [one, two] = [await HostNotes.open(path), await HostNotes.open(path)];
    one.note("me@web1", { login: "none" });
    await one.save();
    two.note("me@web2", { login: "none" });
    await two.save();
    const before = (await Deno.stat(path)).ino;
    two.note("me@web2", { login: "none" });
    await two.save();
    assertEquals((await Deno.stat(path)).ino, before);
    const later = await HostNotes.open(path);
    assertEquals(later.of("me@web1"), { login: "none" });
    assertEquals(later.of("me@web2"), { login: "none" });
  }));

Deno.test("old notes and damaged files count as none", () =>
  withFile(async (path) => {
    await Deno.writeTextFile(path, '{"me@web1":[1,"none",""]}');
    assertEquals((await HostNotes.open(path)).of("me@web1"), {});
    for (const text of ["{", "[]", '{"me@web1":7}', "null"]) {
      await Deno.writeTextFile(path, text);
      assertEquals((await HostNotes.open(path)).of("me@web1"), {});
    }
  }));
