import { assertEquals } from "@std/assert";
import { listPaths } from "../../../src/core/remote/listed_paths.ts";

const PATHS = Array.from({ length: 1001 }, (_, i) => `p${i}`);

Deno.test("listPaths() lists up to 1000 paths as they are", () => {
  const sent = PATHS.slice(0, 1000);
  assertEquals(listPaths("sent", sent), { sent });
});

Deno.test("listPaths() counts more paths, and warns that the list is cut", () => {
  assertEquals(listPaths("sent", PATHS), {
    sent: PATHS.slice(0, 1000),
    sent_count: 1001,
    warnings: ["sent lists the first 1000 of 1001 paths"],
  });
});
