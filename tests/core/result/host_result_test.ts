import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  judge,
  judgeError,
  withoutInvocation,
} from "../../../src/core/result/host_result.ts";
import {
  BuildError,
  CallError,
  ConnectError,
  GateError,
} from "../../../src/errors.ts";
import type { ResultData } from "../../../src/protocol/message.ts";
import { result } from "../../protocol/peer.ts";

const callContext = { host: "web1", duration_ms: 9, phases_ms: { call: 9 } };

function judged(data: Partial<ResultData>) {
  return judge(
    { type: "Result", data: result({ duration_ms: 5, ...data }) },
    callContext,
  );
}

function printed(object: unknown, data: Partial<ResultData> = {}) {
  return judged({ stdout: JSON.stringify(object) + "\n", ...data });
}

Deno.test("judge() gives an ok result its object and nothing else", () => {
  assertEquals(printed({ ping: "pong" }), {
    host: "web1",
    status: "ok",
    changed: false,
    rc: 0,
    duration_ms: 9,
    phases_ms: { call: 9 },
    result: { ping: "pong" },
    error: null,
  });
});

const STATUS: [says: string, object: unknown, rc: number, status: string][] = [
  ["changed", { changed: true }, 0, "changed"],
  ["skipped", { skipped: true, changed: false }, 0, "skipped"],
  ["failed", { failed: true, changed: true }, 0, "failed"],
  ["failed, and is skipped", { failed: true, skipped: true }, 0, "failed"],
  ["not failed, with an rc", { failed: false, rc: 2 }, 0, "ok"],
  ["not failed, but ends with 1", { failed: false }, 1, "ok"],
  ["an rc of 2", { rc: 2 }, 0, "failed"],
  ["an rc of 0", { rc: 0 }, 0, "ok"],
  ['an rc of "0"', { rc: "0" }, 0, "ok"],
  ["an rc of null", { rc: null }, 0, "failed"],
  ["an rc of false", { rc: false }, 0, "ok"],
  ["an rc of true", { rc: true }, 0, "failed"],
  ["nothing, and ends with 1", {}, 1, "failed"],
  ["failed as an empty list", { failed: [] }, 0, "ok"],
];

for (const [says, object, rc, status] of STATUS) {
  Deno.test(`judge() calls a result ${status} that says ${says}`, () => {
    assertEquals(printed(object, { rc }).status, status as never);
  });
}

Deno.test("judge() fails a module that printed no object, and shows its output", () => {
  const result = judged({ stdout: "hello\n", stderr: "oops\n", rc: 1 });
  assertEquals(result.status, "failed");
  assertEquals(result.result, null);
  assertEquals(result.stdout, "hello\n");
  assertEquals(result.stderr, "oops\n");
  assertEquals(result.error, {
    kind: "call",
    phase: "call",
    message: "The module printed no JSON object and ended with status 1",
    hint: null,
  });
});

Deno.test("judge() fails a module that a signal killed, even with a result", () => {
  const result = printed({ failed: false }, { rc: null, signal: 9 });
  assertEquals(result.status, "failed");
  assertEquals(result.rc, null);
  assertEquals(result.error!.message, "The module was killed by signal 9");
});

for (const state of ["timed_out", "cancelled"] as const) {
  Deno.test(`judge() says why a call is ${state}, and what still runs`, () => {
    const result = judged({
      state,
      rc: null,
      stdout: "half",
      reason: "It took too long",
      left: [17, 18],
    });
    assertEquals(result.status, state);
    assertEquals(result.stdout, "half");
    assertEquals(
      result.error!.message,
      "It took too long; still running: 17,18",
    );
  });
}

Deno.test("judge() puts the reason into the result of a skipped call", () => {
  const result = judged({
    state: "skipped",
    rc: null,
    reason: "No check mode",
  });
  assertEquals(result.status, "skipped");
  assertEquals(result.result, { skipped: true, msg: "No check mode" });
});

Deno.test("judge() wraps the value of a native module that is not an object", () => {
  const result = judged({ value: [1, 2], stdout: "printed" });
  assertEquals(result.status, "ok");
  assertEquals(result.result, { value: [1, 2] });
  assertEquals(result.stdout, "printed");
  assertEquals(judged({ value: { changed: true } }).status, "changed");
});

Deno.test("judge() makes a result of a native module's exception", () => {
  const exception = { type: "KeyError", message: "'x'", traceback: "Trace…" };
  const result = judged({ exception, rc: 1 });
  assertEquals(result.status, "failed");
  assertEquals(result.result, {
    failed: true,
    msg: "KeyError: 'x'",
    exception: "Trace…",
  });
  assertEquals(result.error, null);
});

Deno.test("judge() drops Ansible's own keys, and keeps __proto__ harmless", () => {
  const result = judged({
    stdout: '{"__proto__": {"failed": true}, "_ansible_x": 1, "a": 1}',
  });
  assertEquals(result.status, "ok");
  assertEquals(Object.keys(result.result as object), ["__proto__", "a"]);
});

Deno.test("withoutInvocation() drops the arguments that the module repeats", () => {
  const result = printed({ invocation: { module_args: {} }, a: 1 });
  assertEquals(withoutInvocation(result).result, { a: 1 });
});

Deno.test("judge() marks output that was cut", () => {
  const result = judged({ stdout: "x", cut: { stdout: 1000, stderr: 0 } });
  assertEquals(result.stdout, "x\n[1000 bytes more were left out]\n");
});

Deno.test("judge() fails a call that the gate refuses", () => {
  const result = judge(
    { type: "Error", data: { kind: "module", message: "No core for 3.6" } },
    callContext,
  );
  assertEquals(result.status, "failed");
  assertEquals(result.error!.message, "No core for 3.6");
});

Deno.test("judgeError() makes a lost connection unreachable, and says that the call may have taken effect", () => {
  const result = judgeError(
    new ConnectError("Lost the gate", { phase: "call" }),
    callContext,
  );
  assertEquals(result.status, "unreachable");
  assertEquals(result.error!.kind, "connect");
  assertEquals(result.error!.phase, "call");
  assertStringIncludes(result.error!.message, "may have taken effect");
});

Deno.test("judgeError() keeps phase and hint of an unreachable host", () => {
  const error = new GateError("No Python", {
    phase: "python",
    hint: "Install",
  });
  assertEquals(judgeError(error, callContext).error, {
    kind: "gate",
    phase: "python",
    message: "No Python",
    hint: "Install",
  });
  assertEquals(judgeError(error, callContext).status, "unreachable");
});

Deno.test("judgeError() fails a call for other errors", () => {
  for (const error of [new CallError("No"), new BuildError("No"), "No"]) {
    const result = judgeError(error, callContext);
    assertEquals(result.status, "failed");
    assertEquals(result.error!.message, "No");
  }
});

Deno.test("judge() names a full disk that kept a module from its result", () => {
  const stderr = "OSError: [Errno 28] No space left on device: '/tmp/x'\n";
  const { error } = judged({ stdout: "", stderr, rc: 1 });
  assertEquals(error?.hint, "Free space on the host: a disk there is full");
  assertEquals(judged({ stdout: "", rc: 1 }).error?.hint, null);
});
