import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../../src/errors.ts";
import {
  type BuildInputs,
  compare,
  Reader,
} from "../../../src/gate/sources/build_inputs.ts";

/** Long before any test runs. */
const OLD = new Date("2001-01-01");

async function withFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "a.py"), "a");
    await Deno.writeTextFile(join(folder, "b.py"), "b");
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function footprintOf(folder: string): Promise<BuildInputs> {
  const reader = new Reader();
  await reader.read(join(folder, "a.py"));
  await reader.list(folder);
  await reader.list(join(folder, "absent"));
  return reader.footprint();
}

/** A footprint as if taken long after the last change. */
function later(footprint: BuildInputs): BuildInputs {
  return { ...footprint, at: Date.now() + 3_600_000 };
}

Deno.test("compare() returns same when nothing has changed recently", () =>
  withFolder(async (folder) => {
    assertEquals(await compare(later(await footprintOf(folder))), "same");
  }));

Deno.test("compare() sees content of the same size and times", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.py");
    await Deno.utime(path, OLD, OLD);
    const footprint = await footprintOf(folder);
    await Deno.writeTextFile(path, "c");
    await Deno.utime(path, OLD, OLD);
    assertEquals(await compare(footprint), undefined);
  }));

Deno.test("compare() reads touched files again, and returns a new footprint when they are the same", () =>
  withFolder(async (folder) => {
    const footprint = later(await footprintOf(folder));
    await Deno.utime(join(folder, "a.py"), OLD, OLD);
    const now = await compare(footprint);
    assertNotEquals(now, "same");
    assertEquals(await compare(later(now as BuildInputs)), "same");
  }));

Deno.test("compare() sees a file that is added, removed, or added where none was found", () =>
  withFolder(async (folder) => {
    const footprint = later(await footprintOf(folder));
    await Deno.writeTextFile(join(folder, "new.py"), "");
    assertEquals(await compare(footprint), undefined);
    await Deno.remove(join(folder, "new.py"));
    assertNotEquals(await compare(footprint), undefined);
    await Deno.mkdir(join(folder, "absent"));
    assertEquals(await compare(footprint), undefined);
    await Deno.remove(join(folder, "absent"));
    await Deno.remove(join(folder, "b.py"));
    assertEquals(await compare(footprint), undefined);
  }));

Deno.test("compare() sees that a link has another target", () =>
  withFolder(async (folder) => {
    const link = join(folder, "link.py");
    await Deno.symlink(join(folder, "a.py"), link);
    const reader = new Reader();
    await reader.read(link);
    const footprint = later(reader.footprint());
    assertEquals(await compare(footprint), "same");
    await Deno.remove(link);
    await Deno.symlink(join(folder, "b.py"), link);
    assertEquals(await compare(footprint), undefined);
  }));

Deno.test("compare() sees that the target of a link now exists", () =>
  withFolder(async (folder) => {
    await Deno.symlink(join(folder, "later.py"), join(folder, "link.py"));
    const reader = new Reader();
    const entries = await reader.list(folder);
    assertEquals([...entries!.keys()].sort(), ["a.py", "b.py"]);
    const footprint = later(reader.footprint());
    assertEquals(await compare(footprint), "same");
    await Deno.writeTextFile(join(folder, "later.py"), "");
    assertEquals(await compare(footprint), undefined);
  }));

Deno.test("compare() ignores Python's cache next to a file", () =>
  withFolder(async (folder) => {
    const footprint = later(await footprintOf(folder));
    await Deno.mkdir(join(folder, "__pycache__"));
    assertNotEquals(await compare(footprint), undefined);
  }));

Deno.test("a footprint survives JSON", () =>
  withFolder(async (folder) => {
    const footprint = later(await footprintOf(folder));
    const copy = JSON.parse(JSON.stringify(footprint));
    assertEquals(copy, footprint);
    assertEquals(await compare(copy), "same");
  }));

Deno.test("Reader reads each file once", () =>
  withFolder(async (folder) => {
    const reader = new Reader();
    const path = join(folder, "a.py");
    const first = await reader.read(path);
    await Deno.writeTextFile(path, "changed");
    assertEquals(await reader.read(path), first);
    await assertRejects(
      () => reader.read(join(folder, "absent")),
      BuildError,
      "the file does not exist",
    );
  }));
