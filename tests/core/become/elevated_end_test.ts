// A command as another user whose host has ended, and whose output comes afterwards.
import { assert, assertStringIncludes } from "@std/assert";
import { elevate } from "../../../src/core/become/elevate.ts";
import { MAX_NOISE } from "../../../src/gate/open/opening_lines.ts";
import { GateError } from "../../../src/errors.ts";
import type { Connection, Exit } from "../../../src/transport/transport.ts";

Deno.test("A host that prints too much after it has ended is refused", async () => {
  const exit = Promise.withResolvers<Exit>();
  const stdout = Promise.withResolvers<
    ReadableStreamDefaultController<Uint8Array>
  >();
  const login: Connection = {
    closed: new Promise(() => {}),
    exec: () =>
      Promise.resolve({
        stdin: new WritableStream(),
        stdout: new ReadableStream({ start: stdout.resolve }),
        stderr: new ReadableStream({ start: (output) => output.close() }),
        exit: exit.promise,
        close: () => {},
      }),
    close: () => {},
  };
  const connection = elevate(login, {
    become: {
      method: "sudo",
      user: "root",
      password: () => Promise.resolve(undefined),
    },
    timeoutMs: 10_000,
    takePassword: () => Promise.resolve({ password: undefined, end: () => {} }),
  });
  const { signal } = new AbortController();
  const stream = await connection.exec("true", { signal });
  exit.resolve({ code: 1, signal: null, lost: false });
  const output = await stdout.promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  output.enqueue(new Uint8Array(MAX_NOISE + 1));
  const { refusal } = await stream.exit;
  assert(refusal instanceof GateError);
  assertStringIncludes(refusal.message, "printed more than 64 KiB");
});
