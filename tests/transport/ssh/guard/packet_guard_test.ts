// What the guard promises of one connection, and that ssh2 still has the places
// that it is hooked to.
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { Duplex, type Readable } from "node:stream";
import type { ServerChannel } from "ssh2";
import * as ssh2 from "../../../../src/transport/ssh/library/ssh2.ts";
import { SmallData } from "../../../../src/transport/ssh/library/small_data.ts";
import type {
  Ssh2Channel,
  Ssh2Client,
} from "../../../../src/transport/ssh/library/ssh2_internals.ts";
import {
  createSshTransport,
  parseKnownHosts,
} from "../../../../src/transport/ssh/ssh_transport.ts";
import type { Connection } from "../../../../src/transport/transport.ts";
import { payload, type Send } from "../../../support/flood_attacks.ts";
import { senderOf } from "../../../support/flood_server.ts";
import { startSshServer } from "../../../support/ssh_server.ts";

const signal = new AbortController().signal;

/** Opens a connection whose server does as told when a command begins. */
async function withServer(
  onCommand: (send: Send, id: number, channel: ServerChannel) => void,
  check: (connection: Connection) => Promise<void>,
): Promise<void> {
  const server = await startSshServer({
    run: (_command, channel) => {
      const { send, id } = senderOf(channel);
      channel.on("error", () => {});
      setImmediate(() => onCommand(send, id, channel));
    },
  });
  const transport = createSshTransport({
    knownHosts: parseKnownHosts([{ path: "known", text: server.knownHosts }]),
    agentSocket: "",
    home: server.folder,
  });
  try {
    await check(await transport.open(server.endpoint(), { signal }));
  } finally {
    transport.close();
    await server.stop();
  }
}

for (const kind of ["stdout", "stderr"]) {
  Deno.test(`a host that sends more to ${kind} than its window allows is ended`, async () => {
    const text = "x".repeat(32 * 1024);
    await withServer(
      (send, id) => {
        for (let i = 0; i < 200; i++) {
          send(
            kind === "stdout"
              ? payload(94, id, text)
              : payload(95, id, 1, text),
          );
        }
      },
      async (connection) => {
        const stream = await connection.exec("x", { signal });
        const error = await connection.closed; // nobody reads
        assertStringIncludes(
          error?.message ?? "",
          "it sent more data than its window allows",
        );
        const { lost, fault } = await stream.exit;
        assertEquals(lost, true);
        assertEquals(fault, "it sent more data than its window allows");
      },
    );
  });
}

Deno.test("a host that asks for new keys in a row is ended", async () => {
  await withServer(
    (_send, _id, channel) => {
      const { _client: { _protocol: protocol } } = channel as unknown as {
        _client: { _protocol: { rekey(): void; _kexinit: unknown } };
      };
      const timer = setInterval(() => protocol.rekey(), 1);
      channel.once("close", () => clearInterval(timer));
    },
    async (connection) => {
      await connection.exec("x", { signal });
      const error = await connection.closed;
      assertStringIncludes(
        error?.message ?? "",
        "it asked for new keys too often",
      );
    },
  );
});

Deno.test("data that follows the end of its stream is dropped", async () => {
  await withServer(
    (send, id, channel) => {
      send(payload(96, id));
      send(payload(94, id, "late"));
      channel.exit(0);
      channel.close();
    },
    async (connection) => {
      const stream = await connection.exec("x", { signal });
      const text = await new Response(stream.stdout).text();
      assertEquals([text, (await stream.exit).code], ["", 0]);
    },
  );
});

Deno.test("data in single bytes arrives complete and in order", async () => {
  const bytes = new Uint8Array(10_000).map((_, i) => i * 7);
  await withServer(
    (_send, _id, channel) => {
      for (const byte of bytes) channel.write(Buffer.from([byte]));
      channel.write(Buffer.alloc(5_000, 1));
      channel.exit(0);
      channel.end();
    },
    async (connection) => {
      const stream = await connection.exec("x", { signal });
      // Nobody reads for a while.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const got = new Uint8Array(
        await new Response(stream.stdout).arrayBuffer(),
      );
      assertEquals(got.length, 15_000);
      assert(bytes.every((byte, i) => got[i] === byte));
    },
  );
});

Deno.test("SmallData joins small packets while the stream is not read", () => {
  const packets: Buffer[] = [];
  const crumbs = new SmallData((packet) => packets.push(packet));
  const stream = new Duplex({ read: () => {} }).pause();
  const channel = Object.assign(stream, {
    incoming: { state: "open", window: 1_000_000 },
    stderr: stream as Readable,
  }) as unknown as Ssh2Channel;
  const crumb = Buffer.from(payload(94, 3, "x"));
  for (let i = 0; i < 100_000; i++) assert(crumbs.keeps(crumb, channel));
  assertLess(packets.length, 10);
  crumbs.flush(channel);
  const data = packets.map((packet) => packet.subarray(9).toString()).join("");
  assertEquals(data, "x".repeat(100_000));
  assertEquals(packets[0]?.readUInt32BE(1), 3);
  // ssh2 takes off what it gets.
  assertEquals(channel.incoming.window, 1_000_000);
});

Deno.test("ssh2 has the places that the guard is hooked to", () => {
  const client = new ssh2.Client();
  const carrier = new Duplex({
    read: () => {},
    write: (_c, _e, done) => done(),
  });
  client.on("error", () => {});
  client.connect({ sock: carrier, username: "x" });
  const { _protocol: protocol, _callbacks, _chanMgr } =
    client as unknown as Ssh2Client;
  assertInstanceOf(protocol.parse, Function);
  assertInstanceOf(protocol._parse, Function);
  assertInstanceOf(protocol._onPayload, Function);
  assertEquals(protocol._decipher, undefined);
  assertEquals(protocol._authenticated, false);
  assertEquals(protocol._authsQueue, []);
  assertEquals(_callbacks, []);
  assertEquals(_chanMgr.get(0), undefined);
  // From the identification on there is a decipher, which asks for the function
  // at each packet and stops at `false`.
  const hello = Buffer.from("SSH-2.0-x\r\n");
  protocol.parse(hello, 0, hello.length);
  const decipher = protocol._decipher as unknown as {
    _onPayload: unknown;
    decrypt(data: Buffer, at: number, length: number): number | undefined;
  };
  let seen = 0;
  decipher._onPayload = () => {
    seen++;
    return false;
  };
  const packet = Buffer.from([0, 0, 0, 12, 10, 2, ...new Array(10).fill(0)]);
  const two = Buffer.concat([packet, packet]);
  assertEquals(decipher.decrypt(two, 0, two.length), packet.length);
  assertEquals(seen, 1);
  carrier.destroy();
});
