import { assertEquals, assertMatch } from "@std/assert";
import type { HostResult } from "../../../src/core/call/call.ts";
import { createRenderer } from "../../../src/output/create_renderer.ts";
import { FORMATS } from "../../../src/output/renderer.ts";
import { createTextRenderer } from "../../../src/output/text/text_renderer.ts";
import type { TextOptions } from "../../../src/output/text/text_renderer.ts";
import { eventsOf, render, resultOf } from "../sample_run.ts";

function text(
  events: Parameters<typeof render>[1],
  options: TextOptions = {},
): string {
  return render((write) => createTextRenderer(write, options), events);
}

Deno.test("createTextRenderer() shows identical results once, under folded names", () => {
  const results = ["web03", "web01", "web02"].map((host, i) =>
    resultOf(host, { duration_ms: i })
  );
  assertEquals(
    text(eventsOf(results)),
    "web[01-03] (3): ok\n  ping: pong\n3 hosts: 3 ok in 1.2 s\n",
  );
});

Deno.test("createTextRenderer() shows failures last, in any order of arrival", () => {
  const results: HostResult[] = [
    resultOf("a", { status: "unreachable", result: null }),
    resultOf("b", { status: "failed", result: { msg: "No" } }),
    resultOf("c", { status: "changed", result: {} }),
    resultOf("d", { status: "skipped", result: {} }),
    resultOf("e", { result: {} }),
  ];
  assertEquals(
    text(eventsOf(results)),
    "e: ok\nc: changed\nd: skipped\nb: failed\n  msg: No\na: unreachable\n" +
      "5 hosts: 1 ok, 1 changed, 1 skipped, 1 failed, 1 unreachable in 1.2 s\n",
  );
});

Deno.test("createTextRenderer() writes nothing before the run has ended", () => {
  const pieces: string[] = [];
  const renderer = createTextRenderer((piece) => pieces.push(piece));
  for (const event of eventsOf([resultOf("a")]).slice(0, -1)) {
    renderer.event(event);
  }
  assertEquals(pieces, []);
});

Deno.test("createTextRenderer() shows streamed lines immediately, and only once", () => {
  const result = { rc: 0, stdout: "one\ntwo", stderr: "" };
  const events = eventsOf([resultOf("a", { result })], {
    between: [
      { event: "output", t: 1, host: "a", stream: "stdout", text: "one\ntw" },
      { event: "output", t: 2, host: "a", stream: "stdout", text: "o" },
    ],
  });
  const shell = events.map((event) =>
    event.event === "run_start"
      ? { ...event, module: null, command: ["x"] }
      : event
  );
  assertEquals(
    text(shell),
    "a | one\na | two\na: ok, rc 0\n1 host: 1 ok in 1.2 s\n",
  );
  // What a module prints is not the stdout in its result.
  assertEquals(
    text(events),
    "a | one\na | two\na: ok, rc 0\n  one\n  two\n1 host: 1 ok in 1.2 s\n",
  );
});

Deno.test("createTextRenderer() shows a change of check mode as one that would be", () => {
  const events = eventsOf([resultOf("a", { status: "changed", result: {} })])
    .map((event) =>
      event.event === "run_start" ? { ...event, check: true as const } : event
    );
  assertEquals(
    text(events),
    "a: would change\n1 host: 1 would change in 1.2 s\n",
  );
});

Deno.test("createTextRenderer() folds files that go to a folder of each host", () => {
  const fetched = (host: string) =>
    resultOf(host, { result: { dest: `/out/${host}/f`, files: 1 } });
  assertEquals(
    text(eventsOf([fetched("a"), fetched("b")])),
    "a,b (2): ok\n  dest: /out/HOST/f\n  files: 1\n2 hosts: 2 ok in 1.2 s\n",
  );
  assertEquals(
    text(eventsOf([fetched("a")])),
    "a: ok\n  dest: /out/a/f\n  files: 1\n1 host: 1 ok in 1.2 s\n",
  );
});

Deno.test("createTextRenderer() shows a module's progress with -v", () => {
  const events = eventsOf([resultOf("a", { result: {} })], {
    between: [{ event: "progress", t: 1, host: "a", data: { done: "\x9b5" } }],
  });
  assertEquals(text(events), "a: ok\n1 host: 1 ok in 1.2 s\n");
  assertEquals(
    text(events, { verbosity: 1 }).split("\n")[0],
    'a: {"done":"\\u009b5"}',
  );
});

Deno.test("createTextRenderer() shows results and missing hosts after an interrupt", () => {
  const events = eventsOf([resultOf("web1")], {
    hosts: ["web1", "web2", "web3"],
    between: [
      { event: "output", t: 1, host: "web2", stream: "stdout", text: "half" },
    ],
  }).slice(0, -1);
  assertEquals(
    text(events),
    "web2 | half\nweb1: ok\n  ping: pong\nweb[2-3] (2): no result\n" +
      "3 hosts: 1 ok, 2 without a result in 10 ms\n",
  );
});

Deno.test("createTextRenderer() shows only failures and the summary when quiet", () => {
  const results = [
    resultOf("a"),
    resultOf("b", { status: "failed", result: { msg: "No" } }),
  ];
  assertEquals(
    text(eventsOf(results), { quiet: true }),
    "b: failed\n  msg: No\n2 hosts: 1 ok, 1 failed in 1.2 s\n",
  );
});

Deno.test("createTextRenderer() shows how a minority differs from the majority", () => {
  const body = (stdout: string) => ({ result: { rc: 0, stdout, stderr: "" } });
  const results = [
    ...["a", "b", "c"].map((host) => resultOf(host, body("one\ntwo"))),
    resultOf("d", body("one\nthree")),
    resultOf("e", { ...body("one\ntwo"), status: "changed" }),
    resultOf("f", { ...body("bad"), status: "failed" }),
  ];
  assertEquals(
    text(eventsOf(results), { diffHosts: true }),
    `a,b,c (3): ok, rc 0
  one
  two
d: ok, rc 0
  differs from a,b,c (3):
  @@ -1,2 +1,2 @@
   one
  -two
  +three
e: changed, rc 0
  same as a,b,c (3)
f: failed, rc 0
  bad
6 hosts: 4 ok, 1 changed, 1 failed in 1.2 s
`,
  );
});

Deno.test("createTextRenderer() ignores color when it compares hosts", () => {
  const body = (after: string) => ({
    result: { diff: { before: "a\n", after } },
  });
  const results = [
    resultOf("a", body("b\n")),
    resultOf("b", body("b\n")),
    resultOf("c", body("c\n")),
  ];
  const shown = text(eventsOf(results), { diffHosts: true, color: true });
  assertEquals(
    shown.split("\n").filter((line) => line.includes("[31m-+b")),
    ["  \x1b[31m-+b\x1b[0m"],
  );
});

Deno.test("createTextRenderer() shows the times of a group with -v", () => {
  const results = [
    resultOf("a", { duration_ms: 1500, result: {} }),
    resultOf("b", { duration_ms: 9, result: {} }),
  ];
  assertEquals(
    text(eventsOf(results), { verbosity: 1 }).split("\n")[0],
    "a,b (2): ok in 9 ms to 1.5 s",
  );
});

Deno.test("createTextRenderer() cuts long lists of hosts, except of failed ones", () => {
  const names = Array.from({ length: 500 }, (_, i) => {
    const letters = [...String(i)].map((digit) => "abcdefghij"[Number(digit)]);
    return `host-${letters.join("")}`;
  });
  const header = (status: "ok" | "failed") =>
    text(eventsOf(names.map((host) => resultOf(host, { status, result: {} }))))
      .split("\n")[0]!;
  assertMatch(header("ok"), /^host-[a-j,host-]{995}… \(500\): ok$/);
  assertEquals(header("failed").split(",").length, 500);
});

Deno.test("createTextRenderer() renders several runs", () => {
  const run = eventsOf([resultOf("a")]);
  assertEquals(text([...run, ...run]), text(run).repeat(2));
});

Deno.test("renderers for people let no host control the terminal or forge a header", () => {
  const evil =
    "\x1b[2J\x1b]0;t\x07\r\0\x9b31m\u202eabc\u2028\ud800\nweb1: ok\n";
  const result = JSON.parse(
    JSON.stringify({
      msg: evil,
      [evil]: [evil, { [evil]: evil }],
      stdout: evil,
      stderr: evil,
      rc: 1,
      warnings: [evil],
      deprecations: [{ msg: evil, version: evil, collection_name: evil }],
      exception: evil,
      ansible_facts: { [evil]: evil },
      diff: [{ before: evil, after: "", before_header: evil }, {
        prepared: evil,
      }],
    }).replace("{", '{"__proto__":{"polluted":true},'),
  );
  const host = `evil${evil}`;
  const events = eventsOf([
    resultOf(host, {
      status: "failed",
      result,
      stdout: evil,
      stderr: evil,
      error: { kind: "call", phase: "call", message: evil, hint: evil },
    }),
    resultOf("other", { result: evil }),
  ], {
    between: [
      { event: "output", t: 1, host, stream: "stderr", text: evil },
      { event: "progress", t: 1, host, data: { [evil]: evil } },
    ],
  });
  for (const format of FORMATS) {
    for (const verbosity of [0, 3]) {
      const shown = render(
        (write) => createRenderer(format, { version: "0", verbosity, write }),
        events,
      );
      assertMatch(shown, /^[\n\x20-\x7e…]*$/);
      assertEquals(/^web1: ok/m.test(shown), false);
    }
  }
  assertEquals(Object.hasOwn(Object.prototype, "polluted"), false);
});

Deno.test("createTextRenderer() folds failures that differ only in names and addresses", () => {
  const failed = (host: string, address: string) =>
    resultOf(host, {
      status: "unreachable",
      result: null,
      error: {
        kind: "connect",
        phase: "connect",
        message:
          `Cannot reach ${host}: ${address} port 22 refused the connection`,
        hint: null,
      },
    });
  assertEquals(
    text(eventsOf([failed("web1", "192.0.2.1"), failed("web2", "192.0.2.2")])),
    "web[1-2] (2): unreachable\n" +
      "  connect: Cannot reach HOST: ADDRESS port 22 refused the connection\n" +
      "2 hosts: 2 unreachable in 1.2 s\n",
  );
  assertEquals(
    text(eventsOf([failed("web1", "2001:db8::1")])),
    "web1: unreachable\n" +
      "  connect: Cannot reach web1: 2001:db8::1 port 22 refused the connection\n" +
      "1 host: 1 unreachable in 1.2 s\n",
  );
});

Deno.test("flush() shows successful results once, and keeps failures for the end", () => {
  const pieces: string[] = [];
  const renderer = createTextRenderer((piece) => pieces.push(piece));
  const events = eventsOf([
    resultOf("a"),
    resultOf("b", { status: "failed", result: { msg: "No" } }),
    resultOf("c"),
  ]);
  const isOf = (host: string) => (event: typeof events[number]) =>
    event.event === "result" && event.host === host;
  const last = events.findIndex(isOf("c"));
  for (const event of events.slice(0, last)) renderer.event(event);
  renderer.flush?.();
  renderer.flush?.();
  assertEquals(pieces.join(""), "a: ok\n  ping: pong\n");
  for (const event of events.slice(last)) renderer.event(event);
  assertEquals(
    pieces.join(""),
    "a: ok\n  ping: pong\nc: ok\n  ping: pong\nb: failed\n  msg: No\n" +
      "3 hosts: 2 ok, 1 failed in 1.2 s\n",
  );
});

Deno.test("createTextRenderer() breaks an error between words on a terminal", () => {
  const error = {
    kind: "connect" as const,
    phase: "auth" as const,
    message: "Cannot log in: it refused the key",
    hint: "Check the key and the user of this host",
  };
  const results = [
    resultOf("a", { status: "unreachable", result: null, error }),
  ];
  assertMatch(
    text(eventsOf(results), { width: 24 }),
    /\n {2}auth: Cannot log in:\n {4}it refused the key\n {2}hint: Check the key\n {4}and the user of this\n {4}host\n/,
  );
});

Deno.test("createTextRenderer() shows the end of a large output", () => {
  const stdout = Array.from({ length: 9 }, (_, i) => `line ${i}\n`).join("");
  const results = [resultOf("a", { result: { rc: 0, stdout } })];
  assertMatch(
    text(eventsOf(results), { maxTail: 2 }),
    /rc 0\n {2}… 7 lines before these \(-v\)\n {2}line 7\n {2}line 8\n/,
  );
});
