import { assert, assertEquals } from "@std/assert";
import { JOB_MODULE, jobPack } from "../../../src/gate/archive/job_pack.ts";
import { MANIFEST_PATH } from "../../../src/gate/format/manifest.ts";
import { unpackZip } from "../../../src/gate/format/zipapp.ts";
import { sha256 } from "../../../src/gate/sources/build_inputs.ts";

const FOLDER = new URL("../../../src/gate/runtime/jobs/", import.meta.url);

Deno.test("the pack of jobs holds every file of its folder, and what it says it holds", async () => {
  const { id, bytes } = await jobPack();
  assertEquals(id, await sha256(bytes));
  const files = unpackZip(bytes);
  const text = new TextDecoder().decode(files.get(MANIFEST_PATH));
  const { entries, modules } = JSON.parse(text);
  files.delete(MANIFEST_PATH);
  assertEquals(Object.keys(entries).sort(), [...files.keys()].sort());
  for (const [path, content] of files) {
    assertEquals(entries[path].sha256, await sha256(content), path);
  }
  const sources = (await Array.fromAsync(Deno.readDir(FOLDER)))
    .map(({ name }) => name).filter((name) => name.endsWith(".py"));
  assertEquals(files.size, sources.length);
  assert(files.has(modules[JOB_MODULE].path));
});
