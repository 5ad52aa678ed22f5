import { assertEquals } from "@std/assert";
import { StatusLines } from "../../../src/console/session/status_lines.ts";

Deno.test("hosts that the same has befallen are one notice", () => {
  const notices = new StatusLines();
  for (let i = 1; i <= 40; i++) {
    const reason = `Cannot reach web${i}: 192.0.2.${i} port 22 refused it`;
    notices.add(`web${i}`, " does not open: ", reason);
  }
  notices.add("db1", ": ", "Lost the gate of db1\n");
  assertEquals(
    notices.take(),
    "web[1-40] does not open: Cannot reach HOST: ADDRESS port 22 refused it\n" +
      "db1: Lost the gate of db1\\n\n",
  );
  assertEquals(notices.take(), "");
});

Deno.test("a notice says what to do, if anybody knows", () => {
  const notices = new StatusLines();
  notices.add("db1", " does not open: ", "No key", "Try ssh db1");
  assertEquals(
    notices.take(),
    "db1 does not open: No key\n  hint: Try ssh db1\n",
  );
  notices.add("db1", " does not open: ", "No key", "Try ssh db1");
  notices.add("db2", " does not open: ", "No key", "Try ssh db2");
  assertEquals(
    notices.take(),
    "db[1-2] does not open: No key\n  hint: Try ssh HOST\n",
  );
});

Deno.test("many notices that differ leave the screen usable", () => {
  const notices = new StatusLines();
  for (let i = 0; i < 9; i++) notices.add(`h${i}`, ": ", `reason ${i}.`);
  assertEquals(
    notices.take().split("\n").slice(4),
    ["h4: reason 4.", "4 hosts more, of which :hosts says why", ""],
  );
});
