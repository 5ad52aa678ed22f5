import { assert, assertEquals } from "@std/assert";
import {
  hostsFor,
  ownFilesLimit,
} from "../../../src/cli/process/open_files.ts";

Deno.test("hostsFor() leaves room for other files, and counts pipes", () => {
  assertEquals(hostsFor(1024), 974);
  assertEquals(hostsFor(1024, { connection: "local" }), 243);
  assertEquals(hostsFor(10), 1);
});

Deno.test("hostsFor() counts the files of all workers, which share unevenly", () => {
  assertEquals(hostsFor(1050, { workers: 1 }), 1000);
  assertEquals(hostsFor(1050, { workers: 4 }), 3200);
});

Deno.test({
  name: "ownFilesLimit() reads the limit of this process",
  ignore: Deno.build.os !== "linux",
  fn: async () => assert((await ownFilesLimit())! >= 64),
});
