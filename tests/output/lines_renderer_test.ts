import { assertEquals } from "@std/assert";
import type { HostResult } from "../../src/core/call/call.ts";
import type { RunEvent } from "../../src/core/call/run_event.ts";
import { createLinesRenderer } from "../../src/output/lines_renderer.ts";

const START = {
  event: "run_start",
  t: 0,
  module: null,
  args: {},
  started: "2026-01-01T00:00:00Z",
  hosts: ["web1", "web2"],
} as unknown as RunEvent;

function resultOf(host: string, rest: Partial<HostResult>): RunEvent {
  return {
    event: "result",
    t: 1,
    host,
    status: "ok",
    changed: false,
    rc: 0,
    duration_ms: 1,
    phases_ms: {},
    result: null,
    error: null,
    ...rest,
  };
}

const output = (host: string, text: string, stream = "stdout") =>
  ({ event: "output", t: 0, host, stream, text }) as RunEvent;

/** What is written to stdout and stderr. */
function render(
  events: readonly RunEvent[],
  query?: (result: HostResult) => never,
): [out: string, err: string] {
  let [out, err] = ["", ""];
  const renderer = createLinesRenderer((text) => out += text, {
    writeError: (text) => err += text,
    query,
  });
  for (const event of events) renderer.event(event);
  renderer.close();
  return [out, err];
}

Deno.test("every line of a command's stdout starts with its host; stderr and the failure are apart", () => {
  const result = { stdout: "a\n\nb\n", stderr: "oh\n", rc: 3 };
  assertEquals(
    render([START, resultOf("web1", { status: "failed", rc: 3, result })]),
    ["web1: a\nweb1: \nweb1: b\n", "web1: oh\nweb1: failed, rc 3\n"],
  );
});

Deno.test("a module that failed without a message has its rc and its result", () => {
  const module = { ...START, module: "x" } as RunEvent;
  const result = { rc: 4, why: "full" };
  assertEquals(
    render([module, resultOf("web1", { status: "failed", result })]),
    ["", 'web1: failed, rc 4\nweb1: {"rc":4,"why":"full"}\n'],
  );
});

Deno.test("a module is its message, or its result as JSON; its failure is on stderr only", () => {
  const module = { ...START, module: "x" } as RunEvent;
  assertEquals(
    render([
      module,
      resultOf("web1", { result: { msg: "done", changed: true } }),
      resultOf("web2", { result: { changed: false, size: 3 } }),
      resultOf("web3", { status: "failed", result: { msg: "no\nway" } }),
    ]),
    [
      'web1: done\nweb2: {"changed":false,"size":3}\n',
      "web3: failed: no\\nway\n",
    ],
  );
});

Deno.test("an unreachable host has no line on stdout", () => {
  const error = { message: "no route", hint: null } as HostResult["error"];
  assertEquals(
    render([START, resultOf("web1", { status: "unreachable", error })]),
    ["", "web1: unreachable: no route\n"],
  );
});

Deno.test("streamed output comes line by line, and not again with the result", () => {
  const result = { stdout: "a\nb", stderr: "" };
  assertEquals(
    render([
      START,
      output("web1", "a\nb"),
      output("web2", "x\r\n"),
      resultOf("web1", { result }),
    ]),
    ["web1: a\nweb2: x\nweb1: b\n", ""],
  );
});

Deno.test("control characters of a host are escaped", () => {
  const result = { stdout: "\x1b[2Jx" };
  assertEquals(
    render([START, resultOf("web1", { result })])[0],
    "web1: \\x1b[2Jx\n",
  );
});

for (
  const [value, lines] of [
    ["a\nb", ["a", "b"]],
    [["a", 1, { b: 2 }], ["a", "1", '{"b":2}']],
    [{ a: 1 }, ['{"a":1}']],
    [7, ["7"]],
    [null, []],
  ] as const
) {
  Deno.test(`a query's ${JSON.stringify(value)} is ${lines.length} lines`, () => {
    const expected = lines.map((line) => `web1: ${line}\n`).join("");
    assertEquals(
      render([START, resultOf("web1", {})], () => value as never)[0],
      expected,
    );
  });
}
