import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  BegunHosts,
  removeOldRuns,
} from "../../../../src/core/nats/reports/begun_hosts.ts";
import { inFolder } from "../../../support/in_folder.ts";

const RUN = { run: "run-1", sender: "SHA256:a" };

async function onlyFile(folder: string): Promise<string> {
  const [{ name }, ...rest] = await Array.fromAsync(Deno.readDir(folder)) as [
    Deno.DirEntry,
  ];
  assertEquals(rest, []);
  return join(folder, name);
}

Deno.test("begin() notes each host once, also after the worker was killed", () =>
  inFolder(async (folder) => {
    const first = await BegunHosts.open(folder, RUN);
    const noted = [0, 7, 4_000_000_000];
    assertEquals(first.begin(noted), noted);
    assertEquals(first.begin([7]), []);
    // It is on disk before begin() returns; a kill does no more than this.
    first.close();
    const second = await BegunHosts.open(folder, RUN);
    assertEquals(second.begin([...noted, 1]), [1]);
    assert(second.has(1));
    assert(!second.has(2));
    second.close();
    assertEquals(
      (await Deno.stat(await onlyFile(folder))).mode! & 0o777,
      0o600,
    );
  }));

Deno.test("another run, and the same run of another sender, begin again", () =>
  inFolder(async (folder) => {
    const others = [
      RUN,
      { ...RUN, run: "run-2" },
      { ...RUN, sender: "SHA256:b" },
      { run: "../../x", sender: "" },
    ];
    for (const each of others) {
      const hosts = await BegunHosts.open(folder, each);
      assertEquals(hosts.begin([1]), [1]);
      hosts.close();
    }
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 4);
  }));

Deno.test("open() drops half a number, and notes after it are whole", () =>
  inFolder(async (folder) => {
    const first = await BegunHosts.open(folder, RUN);
    first.begin([1]);
    first.close();
    await Deno.writeFile(await onlyFile(folder), Uint8Array.of(0, 0), {
      append: true,
    });
    const second = await BegunHosts.open(folder, RUN);
    assertEquals(second.begin([2]), [2]);
    second.close();
    const third = await BegunHosts.open(folder, RUN);
    assertEquals([third.has(1), third.has(2), third.has(0)], [
      true,
      true,
      false,
    ]);
    third.close();
  }));

Deno.test("removeOldRuns() removes what is older than eight days", () =>
  inFolder(async (folder) => {
    (await BegunHosts.open(folder, RUN)).close();
    const path = await onlyFile(folder);
    await Deno.writeTextFile(join(folder, "seen_calls"), "");
    await removeOldRuns(folder);
    await Deno.stat(path);
    await removeOldRuns(folder, Date.now() + 9 * 24 * 60 * 60 * 1000);
    assertEquals(await onlyFile(folder), join(folder, "seen_calls"));
  }));
