import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  receiveFile,
  removeFile,
  stageFile,
  type Staging,
} from "../../../src/core/shell/transfer.ts";
import { quoteWord } from "../../../src/core/shell/shell_words.ts";
import { CallError } from "../../../src/errors.ts";
import { createLocalTransport } from "../../../src/transport/local/local_transport.ts";
import type { Connection } from "../../../src/transport/transport.ts";
import { newUsers, planting } from "../../support/planting.ts";

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

/** Content in small pieces. */
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

/** What is staged beside a gate whose folder is `below`. */
function staging(
  below: string,
  content: ReadableStream<Uint8Array>,
  size: number,
): Staging {
  const gate = { folder: `${below}/.ftl`, pid: 7 };
  return { content, size, gate, mode: 0o600, signal };
}

/** The same host as another user, with a HOME. */
function as(user: number, home: string, connection: Connection): Connection {
  const words = `exec setpriv --reuid ${user} --regid ${user} --clear-groups ` +
    `env -i PATH="$PATH" HOME=${quoteWord(home)} /bin/sh -c `;
  return {
    ...connection,
    closed: connection.closed,
    exec: (command, options) =>
      connection.exec(words + quoteWord(command), options),
  };
}

Deno.test("stageFile() writes any bytes to a new file, which removeFile() removes", () =>
  onHost(async (connection, folder) => {
    for (
      const [name, size] of [["a b'c\"\\d$e", 300_000], ["ä*", 0]] as const
    ) {
      const home = join(folder, name);
      await Deno.mkdir(home, { mode: 0o755 });
      const content = bytesOf(size);
      const stage = (mode: number) =>
        stageFile(connection, {
          ...staging(home, streamOf(content), size),
          mode,
        });
      const [a, b] = await Promise.all([stage(0o600), stage(0o700)]);
      const calls = `${home}/.ftl/host/calls`;
      // The gate removes what it finds under its own name for the host.
      assert(a !== b && a.startsWith(`${calls}/${await hereOfGate()}-7-`), a);
      assertEquals((await Deno.stat(calls)).mode! & 0o777, 0o700);
      assertEquals((await Deno.stat(a)).mode! & 0o777, 0o600);
      assertEquals((await Deno.stat(b)).mode! & 0o777, 0o700);
      assertEquals(await Deno.readFile(a), content);
      assertEquals(await Deno.readFile(b), content);
      await removeFile(connection, { path: a, signal });
      await removeFile(connection, { path: b, signal });
      assertEquals(await Array.fromAsync(Deno.readDir(calls)), []);
    }
  }));

Deno.test("stageFile() leaves nothing when the content ends too early or fails", () =>
  onHost(async (connection, folder) => {
    const short = staging(folder, streamOf(bytesOf(9)), 10);
    await assertRejects(() => stageFile(connection, short), CallError);
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("The disk is gone")),
    });
    const failing = staging(folder, broken, 10);
    await assertRejects(() => stageFile(connection, failing), Error);
    const calls = join(folder, ".ftl/host/calls");
    assertEquals(await Array.fromAsync(Deno.readDir(calls)), []);
  }));

Deno.test("stageFile() uses another folder when the gate's is not ours any more", () =>
  onHost(async (connection, folder) => {
    await Deno.mkdir(join(folder, ".ftl"));
    await Deno.chmod(join(folder, ".ftl"), 0o777);
    const to = staging(folder, streamOf(bytesOf(5)), 5);
    const path = await stageFile(connection, to);
    assert(!path.startsWith(folder), path);
    await removeFile(connection, { path, signal });
    const names = await Array.fromAsync(Deno.readDir(join(folder, ".ftl")));
    assertEquals(names, []);
  }));

Deno.test({
  name: `stageFile() writes nothing into folders of others${planting.suffix}`,
  ignore: planting.ignore,
  fn: () =>
    onHost(async (connection, folder) => {
      const [user, other] = await newUsers();
      await Deno.chown(folder, other, other);
      await Deno.chmod(folder, 0o777);
      const planted = [`/var/tmp/ftl-${user}`, `/tmp/ftl-${user}`];
      try {
        for (const path of planted) {
          await Deno.mkdir(path);
          await Deno.chown(path, other, other);
          await Deno.chmod(path, 0o777);
        }
        const error = await assertRejects(
          () =>
            stageFile(as(user, folder, connection), {
              ...staging(folder, streamOf(bytesOf(5)), 5),
              gate: undefined,
            }),
          CallError,
        );
        assertEquals(
          error.message,
          "Cannot write a file: no folder in HOME, XDG_CACHE_HOME, /var/tmp " +
            "or /tmp is writable, and safe from other users",
        );
        for (const path of [...planted, folder]) {
          assertEquals(await Array.fromAsync(Deno.readDir(path)), [], path);
        }
      } finally {
        for (const path of planted) {
          await Deno.remove(path, { recursive: true });
        }
      }
    }),
});

Deno.test("receiveFile() reads any bytes", () =>
  onHost(async (connection, folder) => {
    const path = join(folder, "a 'b\n");
    await Deno.writeFile(path, bytesOf(400_000));
    const { readable, writable } = new TransformStream<Uint8Array>();
    const read = new Response(readable).bytes();
    const size = await receiveFile(connection, {
      path,
      into: writable,
      maxSize: 400_000,
      signal,
    });
    assertEquals(size, 400_000);
    assertEquals(await read, bytesOf(400_000));
  }));

Deno.test("receiveFile() takes no more than one host may send", () =>
  onHost(async (connection) => {
    const { readable, writable } = new TransformStream<Uint8Array>();
    const read = assertRejects(() => new Response(readable).bytes());
    const path = "/dev/zero";
    await assertRejects(
      () =>
        receiveFile(connection, {
          path,
          into: writable,
          maxSize: 1e6,
          signal: AbortSignal.timeout(10_000),
        }),
      CallError,
      "Cannot read /dev/zero: it is longer than the 1000000 bytes",
    );
    await read;
  }));

Deno.test("receiveFile() reports why a host cannot read, and keeps nothing", () =>
  onHost(async (connection, folder) => {
    const path = join(folder, "none");
    const { readable, writable } = new TransformStream<Uint8Array>();
    const read = assertRejects(() => new Response(readable).bytes());
    const error = await assertRejects(
      () =>
        receiveFile(connection, { path, into: writable, maxSize: 9, signal }),
      CallError,
    );
    assert(error.message.startsWith(`Cannot read ${path}: `), error.message);
    await read;
  }));

Deno.test("stageFile() ends when its signal does, and leaves nothing", () =>
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
        stageFile(connection, {
          ...staging(folder, endless, 1e9),
          signal: stop.signal,
        }),
      DOMException,
      "Enough",
    );
    connection.close();
    await connection.closed;
    const left = new Deno.Command("find", { args: [folder, "-type", "f"] });
    assertEquals((await left.output()).stdout.length, 0);
  }));

/** How a gate's `scratch.py` names this host. */
async function hereOfGate(): Promise<string> {
  const { stdout } = await new Deno.Command("python3", {
    args: ["-c", "from ftl_gate import scratch; print(scratch.here())"],
    env: {
      PYTHONPATH: new URL("../../../src/gate/runtime", import.meta.url)
        .pathname,
      PYTHONDONTWRITEBYTECODE: "1",
    },
  }).output();
  return new TextDecoder().decode(stdout).trim();
}
