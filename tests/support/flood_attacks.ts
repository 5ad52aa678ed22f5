// What an SSH server may do to a client that it has let in, packet by packet.
// Each attack goes on until its connection is gone.
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { ServerChannel } from "ssh2";

/** Sends a payload, whatever is in it, as a packet. */
export type Send = (payload: Uint8Array) => void;

/** What an attack is given. */
export interface Target {
  readonly send: Send;
  readonly socket: Socket;
  readonly channel: ServerChannel;
  /** The client's number of the channel. */
  readonly id: number;
  /** What the client began the command with. */
  readonly nonce: string;
}

/** One way to be a nuisance: makes the payloads of its flood, over and over. */
export type Attack = (target: Target) => Uint8Array | readonly Uint8Array[];

/** Numbers, texts and bytes as SSH writes them; a first number is the type. */
export function payload(
  type: number,
  ...fields: (number | boolean | string | Uint8Array)[]
): Uint8Array {
  const parts = fields.flatMap((field) => {
    if (typeof field === "boolean") return [Buffer.from([field ? 1 : 0])];
    const number = Buffer.alloc(4);
    if (typeof field === "number") {
      number.writeUInt32BE(field);
      return [number];
    }
    const bytes = Buffer.from(field as string);
    number.writeUInt32BE(bytes.length);
    return [number, bytes];
  });
  return Buffer.concat([Buffer.from([type]), ...parts]);
}

const KEY = payload(0, "ssh-ed25519", new Uint8Array(32)).subarray(1);
const KEYS = Array.from({ length: 500 }, () => KEY);

/** By name. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  "host keys": () => payload(80, "hostkeys-00@openssh.com", false, ...KEYS),
  "host keys with a reply": () =>
    payload(80, "hostkeys-00@openssh.com", true, ...KEYS),
  "global requests": () => payload(80, "keepalive@openssh.com", true),
  "ignored messages": () => payload(2, "x"),
  "debug messages": () => payload(4, true, "x".repeat(100), ""),
  "unimplemented messages": () => payload(3, 7),
  "unknown messages": () => payload(200, "x"),
  "empty packets": () => new Uint8Array(0),
  "channel requests": ({ id }) =>
    payload(98, id, "keepalive@openssh.com", true),
  "window adjustments": ({ id }) => payload(93, id, 1),
  "empty data": ({ id }) => payload(94, id, ""),
  "empty stderr": ({ id }) => payload(95, id, 1, ""),
  "data of an unknown kind": ({ id }) => payload(95, id, 7, "x"),
  "data for no channel": () => payload(94, 999, "x"),
  "ends of streams": ({ id }) => payload(96, id),
  "banners": () => payload(53, "x".repeat(1000), ""),
  "refused logins": () => payload(51, "publickey,password", false),
  "extensions": () => payload(7, 1, "server-sig-algs", "ssh-rsa"),
  "services": () => payload(6, "ssh-userauth"),
  "replies": () => payload(81),
  "channel replies": ({ id }) => payload(99, id),
  "forwarded channels": () =>
    payload(90, "forwarded-tcpip", 1, 2 ** 21, 2 ** 15, "a", 1, "b", 2),
  "x11 channels": () => payload(90, "x11", 1, 2 ** 21, 2 ** 15, "a", 1),
  "agent channels": () =>
    payload(90, "auth-agent@openssh.com", 1, 2 ** 21, 2 ** 15),
  "large packets": ({ id }) => payload(94, id, "x".repeat(34_000)),
  "a window beyond all bounds": ({ id }) => payload(93, id, 2 ** 32 - 1),
};

/** What a command prints without end, piece by piece, as the windows allow. */
export const OUTPUTS: Readonly<Record<string, string>> = {
  "empty lines": "\n".repeat(8_000),
  "single bytes": "x",
  "long lines": "x".repeat(30_000),
};

/** Prints until the channel is gone. */
export function print({ channel }: Target, text: string): void {
  const go = () => {
    const until = performance.now() + 5;
    while (channel.writable && performance.now() < until) {
      if (channel.write(text)) continue;
      channel.once("drain", () => setImmediate(go));
      return;
    }
    if (channel.writable) setImmediate(go);
  };
  go();
}

/** Attacks whose server also reads nothing. */
export const DEAF: ReadonlySet<string> = new Set([
  "host keys with a reply",
  "global requests",
  "channel requests",
  "forwarded channels",
]);

/** Floods until the socket is gone, as fast as it takes it. */
export async function flood(
  target: Target,
  make: Attack,
  isDeaf = false,
): Promise<void> {
  const { send, socket } = target;
  if (isDeaf) socket.pause();
  let open = true;
  socket.once("close", () => open = false);
  const made = make(target);
  const payloads = made instanceof Uint8Array ? [made] : made;
  while (open) {
    // The other attackers of this process have a turn, too.
    const until = performance.now() + 5;
    while (performance.now() < until) for (const each of payloads) send(each);
    do await new Promise((resolve) => setImmediate(resolve)); while (
      open && socket.writableLength > 1024 * 1024
    );
  }
}
