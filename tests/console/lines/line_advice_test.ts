import { assertEquals } from "@std/assert";
import {
  adviseDrop,
  adviseLine,
} from "../../../src/console/lines/line_advice.ts";

Deno.test("adviseLine() gives the line to type", () => {
  const cases = [
    ["df -h", "Put ! before a shell command: !df -h"],
    ["cd web", "Put a colon before a command of the console: :use web"],
    ["forks 20", "Put a colon before a command of the console: :fanout 20"],
    ["check yes", "Put a colon before a command of the console: :check on"],
    ["exit 0", "Put a colon before a command of the console: :quit"],
    ["hosts", "Put a colon before a command of the console: :hosts"],
  ];
  for (const [line, advice] of cases) assertEquals(adviseLine(line!), advice);
});

Deno.test("adviseLine() does not repeat a secret or a long line", () => {
  const short = "Put ! before a shell command";
  assertEquals(adviseLine("mysql --password hunter2"), short);
  assertEquals(adviseLine(`echo ${"x".repeat(100)}`), short);
});

Deno.test("adviseDrop() names unreachable hosts that calls wait for", () => {
  const result = (host: string, status: string, duration_ms: number) => ({
    host,
    status,
    duration_ms,
  });
  assertEquals(
    adviseDrop([
      result("web1", "ok", 20_000),
      result("web2", "unreachable", 10_012),
      result("web3", "unreachable", 9_000),
      result("web4", "unreachable", 5),
    ]),
    "Each call waits 10 s for web[2-3]: :drop @last:unreachable leaves such hosts out\n",
  );
  assertEquals(adviseDrop([result("web2", "unreachable", 10_000)]), undefined);
  assertEquals(adviseDrop([result("web1", "failed", 10_000)]), undefined);
});
