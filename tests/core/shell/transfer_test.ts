import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  receiveFile,
  removeFile,
  sendFile,
} from "../../../src/core/shell/transfer.ts";
import { CallError } from "../../../src/errors.ts";
import { createLocalTransport } from "../../../src/transport/local/local_transport.ts";
import type { Connection } from "../../../src/transport/transport.ts";

const { signal } = new AbortController();

/** Runs a test with a connection to this machine, in a folder of its own. */
async function onHost(
  test: (connection: Connection, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const transport = createLocalTransport();
  try {
    const connection = await transport.open({
      name: "here",
      transport: "local",
      address: "here",
      port: 22,
      user: "me",
      identityFiles: [],
    }, { signal });
    await test(connection, folder);
    connection.close();
    await connection.closed;
  } finally {
    transport.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255);
}

/** A content in small pieces. */
function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + 10_000));
      at += 10_000;
    },
  });
}

Deno.test("sendFile() writes any bytes to any path, with the mode that is asked for", () =>
  onHost(async (connection, folder) => {
    for (
      const [name, size] of [["a b'c\"\\d$e", 300_000], ["ä\n*", 0]] as const
    ) {
      const content = bytesOf(size);
      const path = join(folder, name);
      await Deno.writeTextFile(path, "old");
      const sent = await sendFile(connection, {
        content: streamOf(content),
        size,
        to: { path },
        mode: 0o640,
        signal,
      });
      assertEquals(sent, path);
      assertEquals(await Deno.readFile(path), content);
      assertEquals((await Deno.stat(path)).mode! & 0o777, 0o640);
    }
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 2);
  }));

Deno.test("sendFile() finds a new name in a gate's folder, which removeFile() removes", () =>
  onHost(async (connection, folder) => {
    const to = { gate: { folder, pid: 7 } };
    const sending = () => ({
      content: streamOf(bytesOf(5)),
      size: 5,
      to,
      signal,
    });
    const [a, b] = await Promise.all([
      sendFile(connection, sending()),
      sendFile(connection, sending()),
    ]);
    const calls = `${folder}/host/calls`;
    assert(a !== b && a.startsWith(`${calls}/${Deno.hostname()}-7-`), a);
    assertEquals((await Deno.stat(calls)).mode! & 0o777, 0o700);
    assertEquals((await Deno.stat(a)).mode! & 0o777, 0o600);
    assertEquals(await Deno.readFile(b), bytesOf(5));
    await removeFile(connection, { path: a, signal });
    await removeFile(connection, { path: b, signal });
    assertEquals(await Array.fromAsync(Deno.readDir(calls)), []);
  }));

Deno.test("sendFile() leaves what is there when the content ends too early or fails", () =>
  onHost(async (connection, folder) => {
    const path = join(folder, "f");
    await Deno.writeTextFile(path, "old");
    const short = {
      content: streamOf(bytesOf(9)),
      size: 10,
      to: { path },
      signal,
    };
    await assertRejects(() => sendFile(connection, short), CallError);
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("The disk is gone")),
    });
    const sending = { content: broken, size: 10, to: { path }, signal };
    await assertRejects(() => sendFile(connection, sending), Error);
    assertEquals(await Deno.readTextFile(path), "old");
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 1);
  }));

Deno.test("sendFile() says why a host cannot write", () =>
  onHost(async (connection, folder) => {
    const size = 1_000_000;
    const error = await assertRejects(() =>
      sendFile(connection, {
        content: streamOf(bytesOf(size)),
        size,
        to: { path: join(folder, "none", "f") },
        signal,
      }), CallError);
    assert(error.message.startsWith("Cannot write a file: "), error.message);
    assert(error.message.includes("none/"), error.message);
  }));

Deno.test("receiveFile() reads any bytes", () =>
  onHost(async (connection, folder) => {
    const path = join(folder, "a 'b\n");
    await Deno.writeFile(path, bytesOf(400_000));
    const { readable, writable } = new TransformStream<Uint8Array>();
    const read = new Response(readable).bytes();
    const size = await receiveFile(connection, {
      path,
      into: writable,
      signal,
    });
    assertEquals(size, 400_000);
    assertEquals(await read, bytesOf(400_000));
  }));

Deno.test("receiveFile() says why a host cannot read, and keeps nothing", () =>
  onHost(async (connection, folder) => {
    const path = join(folder, "none");
    const { readable, writable } = new TransformStream<Uint8Array>();
    const read = assertRejects(() => new Response(readable).bytes());
    const error = await assertRejects(
      () => receiveFile(connection, { path, into: writable, signal }),
      CallError,
    );
    assert(error.message.startsWith(`Cannot read ${path}: `), error.message);
    await read;
  }));

Deno.test("sendFile() ends when its signal does, and leaves nothing", () =>
  onHost(async (connection, folder) => {
    const stop = new AbortController();
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(bytesOf(100));
        stop.abort(new DOMException("Enough", "AbortError"));
      },
    });
    await assertRejects(
      () =>
        sendFile(connection, {
          content: endless,
          size: 1e9,
          to: { path: join(folder, "f") },
          signal: stop.signal,
        }),
      DOMException,
      "Enough",
    );
    connection.close();
    await connection.closed;
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  }));
