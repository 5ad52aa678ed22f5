// Counts what a warm call sends and receives with a relay between ftl and the host:
// bytes of TCP payload, with encryption and padding.
import { join } from "@std/path";
import { needAnsible } from "../../tests/support/ansible.ts";
import { startOpensshFleet } from "../../tests/support/openssh_fleet.ts";
import { type Bench, limitRow, type Row, withFolder } from "./bench.ts";
import { Session } from "./session.ts";

const CALLS = 20;

/** Bytes and turns of a warm call of Ansible's `ping`. */
export const wire: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const { ignore, modules } = needAnsible();
    if (ignore) return [];
    const fleet = await startOpensshFleet({ hosts: 1 });
    const relay = startRelay(fleet.sshd.port);
    try {
      const knownHosts = join(folder, "known_hosts");
      await Deno.writeTextFile(
        knownHosts,
        `[127.0.0.1]:${relay.port} ${fleet.sshd.hostKey}\n`,
      );
      await using session = new Session([
        ...["-M", modules, "-i", "127.0.0.1,", "--known-hosts", knownHosts],
        ...["-u", fleet.sshd.user, "--port", String(relay.port)],
        ...["--private-key", fleet.sshd.identityFile],
      ], join(folder, "ftl"));
      await session.call("ping");
      const { bytes, turns } = relay;
      for (let i = 0; i < CALLS; i++) await session.call("ping");
      return [
        limitRow("bytes on the wire per warm ping", {
          value: (relay.bytes - bytes) / CALLS,
          limit: 1024,
          unit: "bytes",
          against: "both ways",
        }),
        limitRow("round trips per warm ping", {
          value: (relay.turns - turns) / CALLS,
          limit: 1,
          unit: "turns",
        }),
      ];
    } finally {
      relay.close();
      await fleet.stop();
    }
  });

interface Relay {
  readonly port: number;
  /** Bytes in both directions. */
  readonly bytes: number;
  /** How often the controller sent something after the host had. */
  readonly turns: number;
  close(): void;
}

/** Relays bytes between a new port and another one on loopback. */
function startRelay(port: number): Relay {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const seen = { bytes: 0, turns: 0, hostSpoke: true };
  const count = (fromHost: boolean) =>
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen.bytes += chunk.length;
        if (!fromHost && seen.hostSpoke) seen.turns++;
        seen.hostSpoke = fromHost;
        controller.enqueue(chunk);
      },
    });
  const carry = async (client: Deno.TcpConn) => {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    client.setNoDelay(true);
    server.setNoDelay(true);
    // Either end may be reset when the other has closed: then both have ended.
    await Promise.allSettled([
      client.readable.pipeThrough(count(false)).pipeTo(server.writable),
      server.readable.pipeThrough(count(true)).pipeTo(client.writable),
    ]);
  };
  (async () => {
    for await (const client of listener) carry(client);
  })();
  return {
    port: listener.addr.port,
    get bytes() {
      return seen.bytes;
    },
    get turns() {
      return seen.turns;
    },
    close: () => listener.close(),
  };
}
