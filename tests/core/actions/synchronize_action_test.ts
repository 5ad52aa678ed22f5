import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { collect, run } from "../../../src/core/run/run.ts";
import { BuildError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/protocol/message.ts";
import { writeTree } from "../../support/source_tree.ts";
import { Site } from "../local_fleet.ts";

const NAMES = ["synchronize", "ansible.posix.synchronize"];

/** Calls synchronize on one host; `$D` is the site's folder. */
async function synchronize(
  site: Site,
  args: JsonObject,
  { check = false, module = "synchronize" } = {},
) {
  const host = await site.host(`h${crypto.randomUUID()}`);
  const fleet = await site.open([host], { sources: { dirs: [] } });
  const own = JSON.parse(JSON.stringify(args).replaceAll("$D", site.folder));
  const { results, warnings } = await collect(
    run(fleet, { module, args: own, check }),
  );
  const { status, error } = results.get(host.name)!;
  return { status, error, warnings };
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

Deno.test("synchronize pushes a folder, by both its names, and without its collection", async () => {
  for (const module of NAMES) {
    await using site = await Site.make();
    await writeTree(site.folder, {
      "src/a": "1",
      "src/b/c": "2",
      "dest/x": "",
    });
    const dest = join(site.folder, "dest");
    const push = (args: JsonObject, check = false) =>
      synchronize(site, { src: "$D/src/", dest: "$D/dest", ...args }, {
        check,
        module,
      });
    const would = await push({ delete: "yes" }, true);
    assertEquals([would.status, would.warnings.length], ["changed", 1]);
    assertEquals(await namesIn(dest), ["x"]);
    assertEquals((await push({})).status, "changed");
    assertEquals(await namesIn(dest), ["a", "b", "x"]);
    assertEquals((await push({})).status, "ok");
    const owners = { owner: false, group: "no" };
    const last = await push({ delete: true, ...owners, compress: false });
    assertEquals([last.status, last.warnings], ["changed", []]);
    assertEquals(await namesIn(dest), ["a", "b"]);
    const whole = { src: "$D/src", dest: "$D/dest" };
    assertEquals((await synchronize(site, whole)).status, "changed");
    assertEquals(await namesIn(dest), ["a", "b", "src"]);
  }
});

Deno.test("synchronize keeps times with archive, and does not without", async () => {
  await using site = await Site.make();
  await writeTree(site.folder, { "src/a": "1" });
  const old = new Date("2020-01-02T03:04:05Z");
  await Deno.utime(join(site.folder, "src/a"), old, old);
  for (const archive of [true, false]) {
    const options = archive ? {} : { archive, recursive: true, links: true };
    const args = { src: "$D/src/", dest: `$D/dest-${archive}`, ...options };
    assertEquals((await synchronize(site, args)).status, "changed");
    const path = join(site.folder, `dest-${archive}/a`);
    const { mtime } = await Deno.stat(path);
    assertEquals(mtime!.getTime() === old.getTime(), archive);
  }
});

Deno.test("synchronize refuses what a push does not mean, before any contact", async () => {
  await using site = await Site.make();
  await writeTree(site.folder, { "src/a": "1" });
  const refused: [JsonObject, string][] = [
    [{ mode: "pull" }, "mode=pull copies from the hosts"],
    [{ owner: true }, "a push has no owner"],
    [{ copy_links: "yes" }, "a push has no copy_links"],
    [{ rsync_opts: ["--exclude=x"] }, "a push has no rsync_opts"],
    [{ link_dest: ["/x"] }, "a push has no link_dest"],
    [{ archive: false }, "a push is recursive"],
    [{ perms: false }, "a push is recursive"],
    [{ dest: "" }, "src and dest are required"],
  ];
  for (const [options, message] of refused) {
    const args = { src: "$D/src/", dest: "$D/dest", ...options };
    await assertRejects(
      () => synchronize(site, args),
      BuildError,
      message,
    );
  }
});
