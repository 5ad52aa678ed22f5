import { assertEquals } from "@std/assert";
import type { Phase } from "../../src/errors.ts";
import type { Status } from "../../src/core/call/call.ts";
import {
  createProgress,
  type ProgressOptions,
} from "../../src/output/progress.ts";
import { eventsOf, resultOf } from "./sample_run.ts";

/** Progress on a terminal whose clock is moved by hand. */
function startProgress(
  hosts: readonly string[],
  options: Partial<ProgressOptions> = {},
) {
  const written: string[] = [];
  let clock = 0;
  let timer: { run: () => void; at: number } | undefined;
  const progress = createProgress((text) => written.push(text), {
    isTerminal: true,
    width: () => 80,
    now: () => clock,
    setTimer: (run, ms) => {
      timer = { run, at: clock + ms };
      return () => timer = undefined;
    },
    ...options,
  });
  progress.event(eventsOf([], { hosts })[0]!);
  return {
    progress,
    wait(ms: number) {
      const until = clock + ms;
      while (timer !== undefined && timer.at <= until) {
        const { run, at } = timer;
        timer = undefined;
        clock = at;
        run();
      }
      clock = until;
    },
    phase: (host: string, phase: Phase) =>
      progress.event({ event: "host_phase", t: 0, host, phase, ms: 1 }),
    result: (host: string, status: Status = "ok") =>
      progress.event({ event: "result", t: 0, ...resultOf(host, { status }) }),
    end: () => progress.event(eventsOf([], { hosts }).at(-1)!),
    /** What was written since the last time, without the erasing of lines. */
    shown: () => written.splice(0).map((text) => text.replace(ERASE, "")),
    /** What was written since the last time. */
    raw: () => written.splice(0).join(""),
    hasTimer: () => timer !== undefined,
  };
}

const ERASE = "\r\x1b[2K";
const FOUR = ["web1", "web2", "web3", "db1"];

Deno.test("createProgress() writes nothing without a terminal", () => {
  for (const plain of [false, true]) {
    const run = startProgress(FOUR, { isTerminal: false, plain });
    run.result("web1");
    run.wait(60_000);
    run.end();
    assertEquals(run.raw(), "");
    assertEquals(run.hasTimer(), false);
  }
});

Deno.test("createProgress() draws nothing for a run that ends immediately", () => {
  const run = startProgress(FOUR);
  run.result("web1");
  run.wait(99);
  run.end();
  assertEquals(run.raw(), "");
});

Deno.test("createProgress() shows a bar, time, rate and counts, and erases them at the end", () => {
  const run = startProgress(FOUR);
  run.wait(100);
  run.result("web1");
  run.result("web2", "failed");
  run.wait(100);
  run.wait(1800);
  assertEquals(
    run.shown(),
    [
      "[....................] 0/4  0 s",
      "[##########..........] 2/4  0 s  1 ok, 1 failed",
      "[##########..........] 2/4  1 s  2.0/s  1 ok, 1 failed",
      "[##########..........] 2/4  2 s  1.0/s  1 ok, 1 failed",
    ],
  );
  run.end();
  assertEquals(run.raw(), ERASE);
  assertEquals(run.hasTimer(), false);
});

Deno.test("createProgress() draws at most ten times a second, and only after changes", () => {
  const hosts = Array.from({ length: 1000 }, (_, i) => `web${i}`);
  const run = startProgress(hosts);
  for (const host of hosts) run.result(host);
  run.wait(900);
  assertEquals(run.shown().length, 1);
});

Deno.test("createProgress() names pending hosts after three seconds", () => {
  const run = startProgress(FOUR);
  run.result("web1");
  run.wait(2999);
  assertEquals(run.raw().includes("waiting"), false);
  run.wait(1);
  assertEquals(run.shown(), [
    "[#####...............] 1/4  3 s  0.3/s  1 ok  waiting for db1,web[2-3]",
  ]);
});

Deno.test("createProgress() names the slowest hosts when many are pending", () => {
  const hosts = Array.from({ length: 9999 }, (_, i) => `web${i}`);
  const run = startProgress(hosts, { width: () => 200 });
  run.phase("web7", "connect");
  run.phase("web3", "connect");
  run.wait(1000);
  run.phase("web9", "connect");
  run.result("web3");
  run.wait(2000);
  assertEquals(
    run.shown().at(-1),
    "[....................] 1/9999  3 s  0.3/s  1 ok  slowest: web7",
  );
});

Deno.test("createProgress() stays within the terminal's width, and prefers names to the bar", () => {
  const hosts = Array.from({ length: 40 }, (_, i) => `host-${"x".repeat(i)}`);
  let width = 80;
  const run = startProgress(hosts, { width: () => width });
  run.result(hosts[0]!);
  run.wait(3000);
  assertEquals(run.shown().at(-1)!.length, 79);
  width = 40;
  run.wait(1000);
  assertEquals(run.shown().at(-1), "1/40  4 s  0.3/s  1 ok  waiting for ho…");
});

Deno.test("createProgress() colors counts without changing the text", () => {
  const run = startProgress(FOUR, { color: true });
  run.result("web1", "changed");
  run.wait(100);
  assertEquals(
    run.raw(),
    `${ERASE}[#####...............] 1/4  0 s  \x1b[33m1 changed\x1b[0m`,
  );
});

Deno.test("createProgress() escapes host names", () => {
  const run = startProgress(["a\x1b[2J\nb"]);
  run.wait(3000);
  assertEquals(
    run.shown().at(-1),
    "[....................] 0/1  3 s  waiting for a\\x1b[2J\\nb",
  );
});

Deno.test("createProgress() writes whole lines when plain", () => {
  const run = startProgress(FOUR, { plain: true });
  run.result("web1");
  run.wait(10_000);
  run.result("db1", "unreachable");
  run.wait(10_000);
  run.end();
  assertEquals(
    run.raw(),
    "1 of 4 hosts done after 10 s; 1 ok; waiting for db1,web[2-3]\n" +
      "2 of 4 hosts done after 20 s; 1 ok, 1 unreachable;" +
      " waiting for web[2-3]\n",
  );
});

Deno.test("above() erases the line before other text, and redraws it later", () => {
  const run = startProgress(FOUR);
  const other: string[] = [];
  const write = run.progress.above((text) => other.push(text));
  run.wait(100);
  run.raw();
  write("web1 | hello\n");
  assertEquals(other, ["web1 | hello\n"]);
  assertEquals(run.raw(), ERASE);
  write("web1 | again\n");
  assertEquals(run.raw(), "");
  run.wait(100);
  assertEquals(run.shown(), ["[....................] 0/4  0 s"]);
});

Deno.test("pending() lists pending hosts by their last finished phase", () => {
  const run = startProgress(FOUR);
  run.phase("web1", "connect");
  run.phase("web2", "connect");
  run.phase("web2", "start");
  run.phase("db1", "start");
  run.result("web1");
  run.wait(34_000);
  assertEquals(
    run.progress.pending(),
    "3 of 4 hosts pending after 34 s\n" +
      "  after start (2): db1,web2\n" +
      "  running the call, or waiting to run it (1): web3\n",
  );
  run.end();
  assertEquals(run.progress.pending(), "");
});

Deno.test("createProgress() shows bytes and their rate while files are transferred", () => {
  const run = startProgress(FOUR);
  for (const [host, bytes] of [["web1", 40e6], ["db1", 2e6]] as const) {
    run.progress.event({
      event: "progress",
      t: 0,
      host,
      data: { bytes, of: 50e6 },
    });
  }
  // What a module reports is not about bytes that ftl sends.
  run.progress.event({
    event: "progress",
    t: 0,
    host: "web2",
    data: { bytes: "all" },
  });
  run.wait(2000);
  assertEquals(
    run.shown().at(-1),
    "[....................] 0/4  2 s  42 MB at 21 MB/s",
  );
});
