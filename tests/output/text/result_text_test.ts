import { assertEquals } from "@std/assert";
import type { HostResult } from "../../../src/core/call/call.ts";
import { createStyle } from "../../../src/output/style.ts";
import { createCut } from "../../../src/output/text/cut.ts";
import { showResult } from "../../../src/output/text/result_text.ts";
import { resultOf } from "../sample_run.ts";

function show(
  members: Partial<HostResult>,
  options: { verbosity?: number; streamed?: boolean } = {},
): string {
  const { label, lines } = showResult(resultOf("web1", members), {
    style: createStyle(false),
    cut: createCut({ whole: (options.verbosity ?? 0) > 0 }),
    verbosity: 0,
    streamed: false,
    ...options,
  });
  return [label, ...lines].join("\n");
}

const COMMAND = {
  changed: true,
  cmd: "uptime",
  rc: 0,
  stdout: "up 3 days\n\nload 0.1",
  stderr: "careful",
  stdout_lines: ["up 3 days", "", "load 0.1"],
  stderr_lines: ["careful"],
  start: "2026-01-02 03:04:05.000000",
  end: "2026-01-02 03:04:05.003000",
  delta: "0:00:00.003000",
  msg: "",
};

Deno.test("showResult() shows small results as keys and values", () => {
  assertEquals(show({}), "ok\nping: pong");
});

Deno.test("showResult() shows a command's output as text, with its exit status", () => {
  assertEquals(
    show({ status: "changed", result: COMMAND }),
    "changed, rc 0\nup 3 days\n\nload 0.1\nstderr:\n  careful",
  );
});

Deno.test("showResult() shows a job that runs by the name that it has on all hosts", () => {
  const job = {
    started: 1,
    finished: 0,
    ansible_job_id: "j434480747701.29693",
    results_file: "/root/.ansible_async/j434480747701.29693",
  };
  assertEquals(show({ result: job }), "ok\njob: j434480747701");
  const all = show({ result: job }, { verbosity: 1 });
  assertEquals(all.includes("results_file: "), true, all);
});

Deno.test("showResult() reports once that a command failed", () => {
  const result = { ...COMMAND, rc: 2, stdout: "", msg: "non-zero return code" };
  assertEquals(
    show({ status: "failed", rc: 1, result }),
    "failed, rc 2\nstderr:\n  careful",
  );
});

Deno.test("showResult() omits output that was streamed", () => {
  assertEquals(show({ result: COMMAND }, { streamed: true }), "ok, rc 0");
});

Deno.test("showResult() shows the same text for results that differ only in times and invocation", () => {
  const one = show({
    result: { ...COMMAND, elapsed: 1, invocation: { a: 1 } },
  });
  const two = show({
    duration_ms: 99,
    phases_ms: { call: 99 },
    result: {
      ...COMMAND,
      elapsed: 2,
      invocation: { a: 2 },
      start: "2026-01-02 03:04:06.000000",
      delta: "0:00:01.003000",
    },
  });
  assertEquals(one, two);
});

Deno.test("showResult() shows invocation at -vvv", () => {
  const result = { invocation: { module_args: { data: "x" } } };
  assertEquals(show({ result }, { verbosity: 2 }), "ok");
  assertEquals(
    show({ result }, { verbosity: 3 }),
    "ok\ninvocation:\n  module_args:\n    data: x",
  );
});

Deno.test("showResult() shows phase, message and hint of an error", () => {
  assertEquals(
    show({
      status: "unreachable",
      rc: null,
      result: null,
      error: {
        kind: "connect",
        phase: "hostkey",
        message: "The host's key has changed\nold: x",
        hint: "See line 3 of known_hosts",
      },
    }),
    "unreachable\nhostkey: The host's key has changed\n  old: x\n" +
      "hint: See line 3 of known_hosts",
  );
});

Deno.test("showResult() shows the exit status of a process without a result", () => {
  assertEquals(
    show({ status: "failed", rc: 3, result: null, stderr: "boom\n" }),
    "failed, rc 3\nprinted on stderr:\n  boom",
  );
});

Deno.test("showResult() shows other output of a successful module only with -v", () => {
  assertEquals(show({ stdout: "noise" }), "ok\nping: pong");
  assertEquals(
    show({ stdout: "noise" }, { verbosity: 1 }),
    "ok\nping: pong\nprinted on stdout:\n  noise",
  );
});

Deno.test("showResult() keeps the end of a failed module's stderr", () => {
  const stderr = Array.from({ length: 25 }, (_, i) => `line ${i}`).join("\n");
  const lines = show({ status: "failed", result: null, stderr }).split("\n");
  assertEquals(lines.slice(1, 4), [
    "printed on stderr:",
    "  … 5 more lines (-v)",
    "  line 5",
  ]);
});

Deno.test("showResult() shows warnings and deprecations as Ansible does", () => {
  const result = {
    warnings: ["first\nline", { odd: true }],
    deprecations: [
      { msg: "Old", version: "3.0", collection_name: "a.b" },
      { msg: "Older", date: "2027-01-01" },
      { msg: "Oldest" },
      "bare",
    ],
  };
  assertEquals(
    show({ result }),
    [
      "ok",
      "[WARNING]: first line",
      '[WARNING]: {"odd":true}',
      "[DEPRECATION WARNING]: Old (to be removed from a.b in version 3.0)",
      "[DEPRECATION WARNING]: Older (to be removed after 2027-01-01)",
      "[DEPRECATION WARNING]: Oldest",
      "[DEPRECATION WARNING]: bare",
    ].join("\n"),
  );
});

Deno.test("showResult() shows an exception's text only with -v", () => {
  const exception = "Traceback:\n  File\nValueError: x\n";
  const failed = {
    status: "failed",
    result: { msg: "No", exception },
  } as const;
  assertEquals(show(failed), "failed\nmsg: No");
  assertEquals(
    show(failed, { verbosity: 1 }),
    "failed\nmsg: No\nexception:\n  Traceback:\n    File\n  ValueError: x",
  );
  assertEquals(
    show({ status: "failed", result: { exception } }),
    "failed\nexception: ValueError: x (-v)",
  );
});

Deno.test("showResult() cuts a tree of facts unless with -v", () => {
  const facts = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`fact_${i}`, i]),
  );
  const result = { ansible_facts: facts };
  assertEquals(show({ result }).split("\n").length, 14);
  assertEquals(show({ result }, { verbosity: 1 }).split("\n").length, 102);
});

Deno.test("showResult() counts omitted members of a large result", () => {
  const result = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`k${i}`, i]),
  );
  const lines = show({ result }).split("\n");
  assertEquals(lines.slice(-2), ["k39: 39", "… 60 more (-v)"]);
});

Deno.test("showResult() shows results that are not objects", () => {
  assertEquals(show({ result: "text" }), "ok\nresult: text");
  assertEquals(show({ result: [1, 2] }), "ok\nresult: [1, 2]");
});

Deno.test("showResult() shows special members of an unknown shape", () => {
  const result = {
    changed: "maybe",
    rc: "0",
    stdout: 1,
    stderr_lines: ["a"],
    warnings: "w",
    diff: "d",
    msg: { a: 1 },
  };
  assertEquals(
    show({ result }),
    'ok\nmsg:\n  a: 1\nchanged: maybe\nrc: "0"\nstdout: 1\n' +
      "stderr_lines: [a]\nwarnings: w\ndiff: d",
  );
});
