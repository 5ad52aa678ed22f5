// A simulated fleet in a separate process: real SSH on every address of
// 127.0.0.0/8, and gates that answer without Python. Prints its port, its public key
// and a user's private key as one line of JSON, then serves until its stdin ends.
//
//   fleet_server.ts '{"delayMs": 0, "replyBytes": 10, "failing": 0.01}'
//
// `failing` is the share of hosts that fail; the address decides how.
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import type { Connection, Session } from "ssh2";
import ssh2 from "ssh2";
import { generateKeyPair } from "../../../src/cli/commands/demo/key_pair.ts";
import { coalesceWrites } from "../../../src/transport/ssh/connection/coalesce_writes.ts";
import { type Failure, serveCommand } from "./host_channel.ts";

interface FleetBehavior {
  readonly delayMs?: number;
  readonly replyBytes?: number;
  readonly failing?: number;
}

const FAILURES: readonly Failure[] = [
  "refused",
  "handshake",
  "login",
  "start",
  "call",
];

function failureOf(address: string, failing: number): Failure {
  let hash = 7;
  for (const part of address.split(".")) {
    hash = (hash * 31 + Number(part)) % 9973;
  }
  const spread = hash * 7919 % 9973; // neighbors have numbers far apart
  if (spread / 9973 >= failing) return "none";
  return FAILURES[spread % FAILURES.length]!;
}

function socketOf(connection: Connection): Socket {
  return (connection as unknown as { _sock: Socket })._sock;
}

function main(behavior: FleetBehavior): void {
  const { delayMs = 0, replyBytes = 10, failing = 0 } = behavior;
  const host = generateKeyPair();
  const user = generateKeyPair();
  const ssh = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
    const failure = failureOf(socketOf(connection).localAddress!, failing);
    connection.on("error", () => {}); // the controller may hang up at any time
    connection.on("authentication", (context) => {
      if (failure === "login") socketOf(connection).destroy();
      else context.accept();
    });
    connection.on("session", (accept) => {
      const session: Session = accept();
      session.on("exec", (accept, _, { command }) => {
        serveCommand(command, accept(), { delayMs, replyBytes, failure });
      });
    });
  });
  const server = createServer((socket: Socket) => {
    socket.setNoDelay(true);
    const failure = failureOf(socket.localAddress!, failing);
    if (failure === "refused") return void socket.destroy();
    ssh.injectSocket(coalesceWrites(socket)); // as OpenSSH: a packet in one piece
    if (failure === "handshake") socket.once("data", () => socket.destroy());
  });
  server.listen(0, "0.0.0.0", 65_535, () => {
    const { port } = server.address() as AddressInfo;
    Deno.stdout.writeSync(
      new TextEncoder().encode(
        JSON.stringify({ port, hostKey: host.public, key: user.private }) +
          "\n",
      ),
    );
  });
}

/** A fault of one host must not end the others: ssh2 and Deno throw some late. */
function surviveFaults(): void {
  for (const kind of ["error", "unhandledrejection"]) {
    globalThis.addEventListener(kind, (event) => event.preventDefault());
  }
}

if (import.meta.main) {
  surviveFaults();
  main(JSON.parse(Deno.args[0] ?? "{}"));
  for await (const _ of Deno.stdin.readable) { /* until it ends */ }
  Deno.exit(0);
}
