import { assertEquals } from "@std/assert";
import { RunProgress } from "../../../../src/core/nats/sender/run_progress.ts";

Deno.test("a worker tells nothing of a host that another one has begun, however many there are", () => {
  const hosts = 20_000;
  const progress = new RunProgress(hosts);
  for (let index = 0; index < hosts; index++) {
    progress.begin(index, `w${index}`);
    progress.begin(index, "late"); // the first one counts
  }
  for (const index of [0, 9_999, 10_001, 19_999]) {
    assertEquals(progress.mayTell(index, `w${index}`), true);
    assertEquals(progress.mayTell(index, "late"), false);
    assertEquals(progress.mayTell(index, `w${(index + 1) % hosts}`), false);
    assertEquals([...progress.open({ worker: `w${index}` })], [index]);
  }
});

Deno.test("a chunk counts as stored when the server has it, until its hosts have results", () => {
  const progress = new RunProgress(3);
  progress.send(0, "_any", [0, 1]);
  progress.send(1, "paris", [2]);
  assertEquals([...progress.storedChunks()], []);
  progress.store(0);
  assertEquals([...progress.storedChunks()], [{ chunk: 0, site: "_any" }]);
  progress.finish(0);
  progress.finish(1);
  assertEquals([...progress.storedChunks()], []);
});
