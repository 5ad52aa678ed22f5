import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { appendLine } from "../../src/disk/append.ts";
import { makePrivateFolder } from "../../src/disk/place.ts";
import { readIfPresent } from "../../src/disk/read.ts";
import { writeFile, writeNewFile } from "../../src/disk/write.ts";
import { need } from "../support/need.ts";

const root = need("root", Deno.uid() === 0 ? "/" : undefined);
const BYTES = new TextEncoder().encode("new\n");

async function withFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What is in a folder, with the content of files. */
async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isFile } of Deno.readDir(folder)) {
    found[name] = isFile ? await Deno.readTextFile(join(folder, name)) : "";
  }
  return found;
}

async function makePipe(path: string): Promise<void> {
  await new Deno.Command("mkfifo", { args: [path] }).output();
}

async function modeOf(path: string): Promise<number> {
  return (await Deno.stat(path)).mode! & 0o777;
}

Deno.test("writeFile() replaces a whole file with mode 0600", () =>
  withFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeTextFile(path, "older and longer\n", { mode: 0o644 });
    await writeFile(path, BYTES);
    assertEquals(await contents(folder), { file: "new\n" });
    assertEquals(await modeOf(path), 0o600);
  }));

Deno.test("writeFile() does not follow, wait for or replace a link or a pipe", () =>
  withFolder(async (folder) => {
    const [victim, link, pipe] = ["victim", "link", "pipe"].map((name) =>
      join(folder, name)
    ) as [string, string, string];
    await Deno.writeTextFile(victim, "mine\n");
    await Deno.symlink(victim, link);
    await makePipe(pipe);
    await assertRejects(() => writeFile(link, BYTES), Error, "it is a link");
    await assertRejects(
      () => writeFile(pipe, BYTES),
      Error,
      "it is not a regular file",
    );
    await assertRejects(() => writeFile(folder, BYTES), Error, "is a folder");
    await assertRejects(
      () => writeFile("/dev/null", BYTES),
      Error,
      "it is not a regular file",
    );
    assertEquals(await contents(folder), {
      victim: "mine\n",
      link: "",
      pipe: "",
    });
  }));

Deno.test("writeNewFile() neither replaces a file nor follows a link", () =>
  withFolder(async (folder) => {
    await Deno.symlink(join(folder, "victim"), join(folder, "link"));
    await writeNewFile(join(folder, "new"), BYTES);
    assertEquals(await modeOf(join(folder, "new")), 0o600);
    for (const name of ["link", "new"]) {
      await assertRejects(
        () => writeNewFile(join(folder, name), BYTES),
        Deno.errors.AlreadyExists,
      );
    }
    assertEquals(await contents(folder), { link: "", new: "new\n" });
  }));

Deno.test("appendLine() refuses a pipe, and follows a link of ours", () =>
  withFolder(async (folder) => {
    const [file, link, pipe] = ["file", "link", "pipe"].map((name) =>
      join(folder, name)
    ) as [string, string, string];
    await Deno.symlink(file, link);
    await makePipe(pipe);
    appendLine(link, "one");
    assertEquals(await Deno.readTextFile(file), "one\n");
    assertThrows(() => appendLine(pipe, "x"), Error, "not a regular file");
    await assertRejects(() => readIfPresent(pipe), Error, "not a regular file");
    appendLine("/dev/null", "is a place for known hosts");
  }));

Deno.test({
  name: `files of another user are not written to${root.suffix}`,
  ignore: root.ignore,
  fn: () =>
    withFolder(async (folder) => {
      const theirs = join(folder, "theirs");
      await Deno.mkdir(theirs, { mode: 0o777 });
      await Deno.chown(theirs, 4242, 4242);
      const said = "belongs to user 4242";
      assertThrows(() => makePrivateFolder(theirs), Error, said);
      await assertRejects(
        () => writeNewFile(join(theirs, "new"), BYTES),
        Error,
        said,
      );
      await Deno.symlink(join(folder, "victim"), join(folder, "link"));
      await new Deno.Command("chown", {
        args: ["-h", "4242", join(folder, "link")],
      }).output();
      assertThrows(
        () => appendLine(join(folder, "link"), "x"),
        Error,
        "it is a link that user 4242 made",
      );
      assertEquals(await contents(folder), { theirs: "", link: "" });
    }),
});

Deno.test("makePrivateFolder() creates folders with mode 0700", () =>
  withFolder(async (folder) => {
    makePrivateFolder(join(folder, "a/b"));
    assertEquals(await modeOf(join(folder, "a")), 0o700);
    assertEquals(await modeOf(join(folder, "a/b")), 0o700);
  }));
