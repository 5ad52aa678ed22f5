import { assert, assertEquals } from "@std/assert";
import { createMask } from "../../../src/core/result/mask.ts";
import { isPasswordName } from "../../../src/inventory/password_name.ts";
import type { HostResult } from "../../../src/core/call/call.ts";
import type { Json } from "../../../src/protocol/message.ts";

const blank: HostResult = {
  host: "web1",
  status: "ok",
  changed: false,
  rc: 0,
  duration_ms: 1,
  phases_ms: {},
  result: null,
  error: null,
};

Deno.test("isPasswordName() knows Ansible's names for passwords", () => {
  for (
    const name of [
      "password",
      "pass",
      "db_password",
      "login-passwd",
      "PASSPHRASE",
      "password_file",
    ]
  ) assertEquals(isPasswordName(name), true, name);
  for (const name of ["passive", "bypass", "compass", "name", "passthrough"]) {
    assertEquals(isPasswordName(name), false, name);
  }
});

Deno.test("isPasswordName() takes linear time for a host's long name", () => {
  const start = performance.now();
  assertEquals(isPasswordName(`x${"_pass_".repeat(50_000)}y`), true);
  assertEquals(isPasswordName("_passe_".repeat(50_000)), false);
  assertEquals(isPasswordName("_pass".repeat(50_000) + "x\n"), true);
  // A tenth of the length took ten seconds.
  assert(performance.now() - start < 10_000);
});

Deno.test("args() masks arguments that are declared or named like a password, at any depth", () => {
  const args = {
    name: "db",
    password: "x",
    token: "0123456789",
    users: [{ pass: ["one", 2], name: "0123456789" }],
  };
  const mask = createMask({ args, secrets: ["token"] });
  assertEquals(mask.args(args), {
    name: "db",
    password: "********",
    token: "********",
    users: [{ pass: "********", name: "********" }],
  });
});

Deno.test("result() masks a secret everywhere", () => {
  const mask = createMask({
    args: { password: "hunter2" },
    env: { PASS: "s3cret!" },
  });
  const result = mask.result({
    ...blank,
    result: { msg: "set to hunter2", list: ["s3cret!"], hunter2: 1 },
    stdout: "hunter2\n",
    stderr: "s3cret!",
    error: { kind: "call", phase: "call", message: "bad hunter2", hint: null },
  });
  assertEquals(result.result, {
    msg: "set to ********",
    list: ["********"],
    "********": 1,
  });
  assertEquals(result.stdout, "********\n");
  assertEquals(result.stderr, "********");
  assertEquals(result.error!.message, "bad ********");
});

Deno.test("result() shows a secret that is masked as an argument only", () => {
  const content = "a line of a file";
  const args = { content, dest: "/etc/motd" };
  const mask = createMask({
    args,
    secrets: ["content"],
    argsOnly: ["content"],
  });
  assertEquals(mask.args(args), { content: "********", dest: "/etc/motd" });
  const shown = mask.result({
    ...blank,
    result: { diff: { after: content }, invocation: { module_args: args } },
  }).result as Record<string, Record<string, unknown>>;
  assertEquals(shown.diff, { after: content });
  assertEquals(shown.invocation!.module_args, mask.args(args));
});

Deno.test("result() masks a short secret in its own field only", () => {
  const mask = createMask({
    args: { password: "abc", pin: 1 },
    secrets: ["pin"],
  });
  const result = mask.result({
    ...blank,
    result: {
      alphabet: "abcdef",
      count: 1,
      invocation: { module_args: { password: "abc", pin: 1 } },
    },
  });
  assertEquals(result.result, {
    alphabet: "abcdef",
    count: 1,
    invocation: { module_args: { password: "********", pin: "********" } },
  });
});

Deno.test("result() does not mask choices", () => {
  const mask = createMask({ args: { update_password: "always" } });
  const result = { ...blank, result: { msg: "always" } };
  assertEquals(mask.result(result), result);
});

Deno.test("learn() masks what the module masked in its invocation", () => {
  const args = { key: "topsecret", name: "x" };
  const result = {
    ...blank,
    result: {
      msg: "topsecret",
      invocation: {
        module_args: { key: "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", name: "x" },
      },
    },
  };
  const mask = createMask({ args }).learn(result, args);
  assertEquals((mask.result(result).result as { msg: string }).msg, "********");
});

Deno.test("a mask under noLog shows how the call ended and nothing else", () => {
  const mask = createMask({ args: { a: 1 }, noLog: true });
  assertEquals(mask.args({ a: 1 }), { a: "********" });
  assertEquals(mask.json({ a: 1 }), "********");
  const stream = mask.stream();
  assertEquals(stream.push("text") + stream.end(), "");
  const result = mask.result({
    ...blank,
    status: "failed",
    result: { msg: "x" },
    stdout: "y",
    error: { kind: "call", phase: "call", message: "z", hint: null },
  });
  assertEquals(result.status, "failed");
  assertEquals(result.result, { censored: "Hidden by no_log" });
  assertEquals(result.stdout, "********");
  assertEquals(result.error!.message, "Hidden by no_log");
});

Deno.test("a mask keeps keys like __proto__ harmless", () => {
  const mask = createMask({ args: { password: "hunter2" } });
  const result = JSON.parse('{"__proto__": {"a": "hunter2"}}');
  const masked = mask.json(result) as Record<string, unknown>;
  assertEquals(JSON.stringify(masked), '{"__proto__":{"a":"********"}}');
});

/** A result whose `invocation` shows the arguments so. */
function echoed(moduleArgs: Json, more: Record<string, Json> = {}): HostResult {
  const invocation = { module_args: moduleArgs };
  return { ...blank, result: { invocation, ...more } };
}

Deno.test("learn() masks what the host masked, anywhere in the arguments", () => {
  const HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER";
  const args = {
    provider: { token: "nested-value", name: "shown" },
    list: [{ key: "listed-value" }, { key: "other" }],
    url: "https://me:partial-value@host/path",
    name: "shown",
    alias: "aliased-value",
    number: 987654,
    as_text: '{"key": "json-value"}',
    short: "xyz",
    word: "present",
  };
  const seen = {
    provider: { token: HIDDEN, name: "shown" },
    list: [{ key: "********" }, { key: "other" }],
    url: "https://me:********@host/path",
    name: "shown",
    alias: HIDDEN,
    number: HIDDEN,
    as_text: { key: HIDDEN },
    short: HIDDEN,
    word: HIDDEN,
  };
  const result = echoed(seen, {
    msg: "nested-value listed-value partial-value aliased-value 987654",
    count: 987654,
    fine: "shown other xyz present https://me: @host/path",
  });
  const mask = createMask({ args }).learn(result, args);
  const shown = mask.result(result).result as Record<string, Json>;
  const blot = "********";
  assertEquals(shown.msg, [blot, blot, blot, blot, blot].join(" "));
  assertEquals(shown.count, blot);
  assertEquals(shown.fine, "shown other xyz present https://me: @host/path");
  assertEquals(mask.args(args), {
    ...args,
    provider: { token: blot, name: "shown" },
    list: [{ key: blot }, { key: "other" }],
    url: "https://me:********@host/path",
    alias: blot,
    number: blot,
    as_text: blot,
    short: blot,
    word: blot,
  });
});

Deno.test("learn() learns nothing from arguments that are shown as they were", () => {
  const args = { name: "x", stars: "********", list: ["a", "b"] };
  const mask = createMask({ args });
  assertEquals(mask.learn(echoed(args), args), mask);
});

Deno.test("a parameter with no_log=False is shown", () => {
  const args = { password_file: "/etc/passwd", password: "hunter2" };
  const mask = createMask({ args, unmasked: ["password_file"] });
  assertEquals(mask.args(args), { ...args, password: "********" });
  const result = echoed(args, { path: "/etc/passwd", msg: "hunter2" });
  assertEquals(mask.result(result).result, {
    invocation: { module_args: { ...args, password: "********" } },
    path: "/etc/passwd",
    msg: "********",
  });
  const named = createMask({
    args,
    secrets: ["password_file"],
    unmasked: ["password_file"],
  });
  assertEquals(named.args(args).password_file, "********");
});

Deno.test("learn() takes linear time for arguments that a host nests deeply", () => {
  let data: Json = Array.from({ length: 900_000 }, () => 1);
  for (let depth = 0; depth < 190; depth++) data = [data];
  const result = {
    ...blank,
    result: { invocation: { module_args: { data } } },
  };
  const start = performance.now();
  const mask = createMask({ args: { data: "a text" } });
  assertEquals(mask.learn(result, { data: "a text" }), mask);
  // It took ten seconds when each level copied the values below it.
  assert(performance.now() - start < 3_000);
});
