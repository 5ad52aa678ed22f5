import { assertEquals, assertRejects } from "@std/assert";
import { HERE } from "../../../src/core/fetch/fetch_target.ts";
import { inFolder } from "../../support/in_folder.ts";

Deno.test("a file that cannot be written leaves open none that it is read from", () =>
  inFolder(async (folder) => {
    const first = `${folder}/first`;
    await Deno.writeTextFile(first, "text");
    await Deno.mkdir(`${folder}/second`);
    const about = { size: 4, mode: 0o600, mtime: undefined, sync: false };
    await assertRejects(() =>
      HERE.writeWhole(`${folder}/second`, HERE.read(first), about)
    );
    assertEquals((await openFiles()).includes(first), false);
  }));

async function openFiles(): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name } of Deno.readDir("/proc/self/fd")) {
    paths.push(await Deno.readLink(`/proc/self/fd/${name}`).catch(() => ""));
  }
  return paths;
}
