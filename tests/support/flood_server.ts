// An SSH server in a process of its own, so that what it costs is not taken for
// the controller's. `deno run -A flood_server.ts` says in one line of JSON where
// it is. It listens once for each attack that it is given, and makes that of
// each command; without any it runs commands.
// deno-lint-ignore-file no-console
import type { Socket } from "node:net";
import type { ServerChannel } from "ssh2";
import {
  ATTACKS,
  DEAF,
  flood,
  OUTPUTS,
  print,
  type Send,
} from "./flood_attacks.ts";
import { runInShell, startSshServer } from "./ssh_server.ts";

interface Internals {
  _sock: Socket;
  _protocol: {
    _cipher: { encrypt(packet: Uint8Array): void };
    _packetRW: {
      write: {
        allocStart: number;
        alloc(length: number): Uint8Array;
        finalize(packet: Uint8Array): Uint8Array;
      };
    };
  };
}

if (import.meta.main) {
  const names = Deno.args.length === 0 ? [""] : Deno.args;
  const servers = await Promise.all(names.map(start));
  console.log(JSON.stringify(servers.map((server, i) => ({
    name: names[i],
    port: server.port,
    knownHosts: server.knownHosts,
    identityFile: server.identityFile,
  }))));
  // It ends with the test that started it.
  for await (const _ of Deno.stdin.readable);
  await Promise.all(servers.map((server) => server.stop()));
  Deno.exit(0);
}

function start(attack: string) {
  return startSshServer({
    run: (command, channel) => {
      if (attack === "") runInShell(command, channel);
      else begin(attack, command, channel);
    },
  });
}

/** What it takes to send packets of any kind to the other end of a channel. */
export function senderOf(channel: ServerChannel) {
  const { _client, outgoing } = channel as unknown as {
    _client: Internals;
    outgoing: { id: number };
  };
  const { _protocol: protocol, _sock: socket } = _client;
  const send: Send = (bytes) => {
    if (socket.destroyed) return;
    const { write } = protocol._packetRW;
    const packet = write.alloc(bytes.length);
    packet.set(bytes, write.allocStart);
    protocol._cipher.encrypt(write.finalize(packet));
  };
  return { send, socket, id: outgoing.id };
}

function begin(attack: string, command: string, channel: ServerChannel): void {
  channel.on("error", () => {});
  const nonce = /ftl-([0-9a-f]{32})/.exec(command)?.[1] ?? "";
  const { send, socket, id } = senderOf(channel);
  socket.on("error", () => {});
  const target = { send, socket, channel, id, nonce };
  const make = ATTACKS[attack];
  // The reply to the request for the command goes first.
  setImmediate(() => {
    channel.write(`ftl-${nonce}-sh\n`);
    channel.stderr.write(`ftl-${nonce}-sh\n`);
    if (make !== undefined) void flood(target, make, DEAF.has(attack));
    else print(target, OUTPUTS[attack] ?? "");
  });
}
