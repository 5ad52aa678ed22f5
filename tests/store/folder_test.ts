import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../src/errors.ts";
import { openFolder } from "../../src/store/folder.ts";

const isRoot = Deno.uid() === 0;
const rootOnly = {
  ignore: !isRoot,
  suffix: isRoot ? "" : " [skipped: not root]",
};

async function withFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

Deno.test("openFolder() creates the folder with mode 0700", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a", "b");
    assertEquals(await openFolder(path), path);
    assertEquals(await modeOf(path), 0o700);
  }));

Deno.test("openFolder() closes a folder of ours that others can read", () =>
  withFolder(async (folder) => {
    await Deno.chmod(folder, 0o755);
    await openFolder(folder);
    assertEquals(await modeOf(folder), 0o700);
  }));

Deno.test("openFolder() refuses a folder that others can write to, with a hint", () =>
  withFolder(async (folder) => {
    await Deno.chmod(folder, 0o770);
    const error = await assertRejects(
      () => openFolder(folder),
      BuildError,
      "others can write to it (mode 770)",
    );
    assertEquals(
      error.hint,
      `Inspect its content, then run chmod 700 ${folder}`,
    );
  }));

Deno.test("openFolder() refuses a folder that everybody can replace", () =>
  withFolder(async (folder) => {
    const open = join(folder, "open");
    await Deno.mkdir(join(open, "store"), { recursive: true, mode: 0o700 });
    await Deno.chmod(open, 0o777);
    await assertRejects(
      () => openFolder(join(open, "store")),
      BuildError,
      `others can replace it: everybody can write to ${open}`,
    );
    await Deno.chmod(open, 0o1777); // as /tmp is
    await openFolder(join(open, "store"));
  }));

Deno.test("openFolder() refuses a folder below one of another user", {
  ignore: Deno.uid() !== 0,
}, () =>
  withFolder(async (folder) => {
    const others = join(folder, "others");
    await Deno.mkdir(join(others, "store"), { recursive: true, mode: 0o700 });
    await Deno.chown(others, 61_537, 61_537);
    for (const mode of [0o755, 0o1777]) {
      await Deno.chmod(others, mode);
      await assertRejects(
        () => openFolder(join(others, "store")),
        BuildError,
        `others can replace it: ${others} belongs to user 61537`,
      );
    }
  }));

Deno.test("openFolder() follows a link of ours, but not a broken one", () =>
  withFolder(async (folder) => {
    const target = join(folder, "target");
    const link = join(folder, "link");
    await Deno.symlink(target, link);
    await assertRejects(
      () => openFolder(link),
      BuildError,
      "it is a broken link",
    );
    await Deno.mkdir(target);
    assertEquals(await openFolder(link), target);
  }));

Deno.test("openFolder() refuses a file", () =>
  withFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeTextFile(path, "");
    await assertRejects(() => openFolder(path), BuildError);
    await assertRejects(() => openFolder(join(path, "x")), BuildError);
  }));

Deno.test({
  name: `openFolder() refuses a folder of another user${rootOnly.suffix}`,
  ignore: rootOnly.ignore,
  fn: () =>
    withFolder(async (folder) => {
      const path = join(folder, "theirs");
      await Deno.mkdir(path);
      await Deno.chown(path, 12345, 12345);
      await assertRejects(
        () => openFolder(path),
        BuildError,
        "it belongs to user 12345",
      );
    }),
});
