import { assertEquals, assertThrows } from "@std/assert";
import {
  readBody,
  readChunk,
} from "../../../../src/core/nats/messages/received_call.ts";
import {
  readControl,
  readJoinAnswer,
  readJoinRequest,
  readRefusal,
  readStatus,
} from "../../../../src/core/nats/messages/received_note.ts";
import { encodeNats } from "../../../../src/core/nats/server/encode_nats.ts";
import type { SentBody } from "../../../../src/core/nats/messages/sent_call.ts";
import { FtlError } from "../../../../src/errors.ts";

const BODY: SentBody = {
  call: {
    module: "ping",
    args: { data: "x" },
    check: true,
    env: { A: "1" },
    background: { id: "j1", limitMs: 1000, pollMs: 0 },
  },
  archive: "5e".repeat(32),
  modules: [{
    asked: "ping",
    native: false,
    prepared: {
      ...{ name: "ping", kind: "new", pack: null },
      ...{ secrets: ["password"], unmasked: [] },
    },
    located: { fullName: "ansible.builtin.ping", hasAction: false },
  }, { asked: "x", native: false, prepared: null, located: null }],
  settings: {
    user: "deploy",
    port: 2222,
    transport: "ssh",
    become: { enabled: true, method: "sudo", user: "root" },
    linkLoss: "kill",
    retries: 2,
    keepInvocation: false,
  },
  hosts: [{
    index: 3,
    name: "web1",
    vars: { ansible_host: "192.0.2.1", ansible_port: 22, ansible_become: true },
    args: { data: "y" },
    secrets: ["y"],
  }],
};
const CHUNK = {
  ...{ ftl: "0.1.0", build: "b", run: "r", chunk: 0, log: 0, detached: false },
  hosts: [3],
};

/** A copy with another member at a path; undefined takes it away. */
function changed(value: object, path: string, member: unknown): object {
  const copy = structuredClone(value) as Record<string, unknown>;
  const names = path.split(".");
  const last = names.pop()!;
  let at = copy;
  for (const name of names) at = at[name] as Record<string, unknown>;
  if (member === undefined) delete at[last];
  else at[last] = member;
  return copy;
}

Deno.test("what an honest sender says arrives as it is", () => {
  assertEquals(readBody(encodeNats(BODY)), BODY);
  const plain = { ...CHUNK, body: BODY };
  assertEquals(readChunk(encodeNats(plain)), plain);
  const sealed = { ...CHUNK, sealed: "AAAA" };
  assertEquals(readChunk(encodeNats(sealed)), sealed);
  const limited = { ...sealed, limit: { sentAt: 1e12, withinMs: 60_000 } };
  assertEquals(readChunk(encodeNats(limited)), limited);
  const command = { ...BODY, call: { command: ["uptime"], timeoutMs: 5000 } };
  assertEquals(readBody(encodeNats(command)), command);
  const open = { ...BODY, call: { open: true } };
  assertEquals<object>(readBody(encodeNats(open)), open);
});

Deno.test("readBody() names the first member that is wrong, and drops unknown ones", () => {
  const wrong: readonly [path: string, value: unknown, why: string][] = [
    ["call", undefined, "call is not an object"],
    ["call.module", 1, "call.module must be a text"],
    ["call.args", [], "call.args must be an object"],
    ["call.env", { A: 1 }, "call.env.A must be string"],
    ["call.check", "yes", "call.check must be true or false"],
    ["call.timeoutMs", "1", "call.timeoutMs must be a number from 0 on"],
    ["archive", null, "archive must be a text"],
    ["modules", {}, "modules must be a list"],
    ["modules.0", "x", "modules[0] is not an object"],
    ["modules.0.prepared.kind", "x", "modules[0].prepared.kind must be one of"],
    ["settings.transport", "local", "settings.transport must be one of ssh"],
    ["settings.become.method", "x", "settings.become.method must be one of"],
    ["settings.retries", -1, "settings.retries must be a whole number"],
    ["hosts.0.index", 1.5, "hosts[0].index must be a whole number"],
    ["hosts.0.name", undefined, "hosts[0].name must be a text"],
    // A template in a list would be read as one.
    ["hosts.0.vars", { a: ["{{ x }}"] }, "hosts[0].vars.a must be string or"],
  ];
  for (const [path, value, why] of wrong) {
    const bytes = encodeNats(changed(BODY, path, value));
    const error = assertThrows(() => readBody(bytes), FtlError, why);
    assertEquals(
      error.message.startsWith("Cannot read a message of NATS: "),
      true,
    );
  }
  const more = encodeNats(changed(BODY, "call.then", "x"));
  assertEquals(readBody(more), BODY);
});

Deno.test("a call over NATS is a module, a command, a push or a fetch", () => {
  const nothing = encodeNats({ ...BODY, call: { timeoutMs: 1000 } });
  assertThrows(
    () => readBody(nothing),
    FtlError,
    "it names no module, command, push or fetch",
  );
  const call = { push: { src: "a", dest: "b", mode: "0644", delete: true } };
  assertEquals(readBody(encodeNats({ ...BODY, call })).call, call);
  const fetch = { fetch: { src: "a", dest: "b", preserve: true, max_size: 9 } };
  assertEquals(readBody(encodeNats({ ...BODY, call: fetch })).call, fetch);
});

Deno.test("what is not JSON, or is nested too deeply, is refused in one sentence", () => {
  const encoder = new TextEncoder();
  for (const text of ["", "1", "[]", "{", `{"a":${"[".repeat(5000)}`]) {
    for (
      const read of [
        ...[readBody, readChunk, readControl, readRefusal],
        ...[readJoinAnswer, readJoinRequest, readStatus],
      ]
    ) {
      assertThrows(
        () => read(encoder.encode(text)),
        FtlError,
        "Cannot read a message of NATS: it is not",
      );
    }
  }
});
