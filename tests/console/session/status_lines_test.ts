import { assertEquals } from "@std/assert";
import { StatusLines } from "../../../src/console/session/status_lines.ts";

Deno.test("hosts with the same problem share one notice", () => {
  const notices = new StatusLines();
  for (let i = 1; i <= 40; i++) {
    const reason = `Cannot reach web${i}: 192.0.2.${i} port 22 refused it`;
    notices.add(`web${i}`, " failed to open: ", reason);
  }
  notices.add("db1", ": ", "Lost the gate of db1\n");
  assertEquals(
    notices.take(),
    "web[1-40] failed to open: Cannot reach HOST: ADDRESS port 22 refused it\n" +
      "db1: Lost the gate of db1\\n\n",
  );
  assertEquals(notices.take(), "");
});

Deno.test("a notice includes the hint, if there is one", () => {
  const notices = new StatusLines();
  notices.add("db1", " failed to open: ", "No key", "Try ssh db1");
  assertEquals(
    notices.take(),
    "db1 failed to open: No key\n  hint: Try ssh db1\n",
  );
  notices.add("db1", " failed to open: ", "No key", "Try ssh db1");
  notices.add("db2", " failed to open: ", "No key", "Try ssh db2");
  assertEquals(
    notices.take(),
    "db[1-2] failed to open: No key\n  hint: Try ssh HOST\n",
  );
});

Deno.test("the number of different notices is limited", () => {
  const notices = new StatusLines();
  for (let i = 0; i < 9; i++) notices.add(`h${i}`, ": ", `reason ${i}.`);
  assertEquals(
    notices.take().split("\n").slice(4),
    ["h4: reason 4.", "4 more hosts; :hosts shows the reasons", ""],
  );
});

Deno.test("a notice about a host goes when a result has told the same", () => {
  const lines = new StatusLines();
  for (const host of ["web1", "web2", "db1"]) {
    lines.add(
      host,
      " failed to open: ",
      host === "db1" ? "no route" : "no key",
    );
  }
  lines.remove("web1");
  lines.remove("db1");
  lines.remove("db2");
  assertEquals(lines.take(), "web2 failed to open: no key\n");
});
