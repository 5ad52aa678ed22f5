// A server that speaks the beginning of SSH by hand: version, KEXINIT, and then
// whatever bytes a test wants. It encrypts nothing; for what comes after
// NEWKEYS, `injectMessage()` has a server of ssh2 send it.
import type { Connection } from "ssh2";
import type { Endpoint } from "../../src/transport/transport.ts";

/** Message numbers of RFC 4253, section 12, RFC 5656 and RFC 4419. */
export const MESSAGE = {
  ignore: 2,
  kexInit: 20,
  newKeys: 21,
  reply: 31,
  group: 31,
  groupReply: 33,
} as const;

/** The lists of a KEXINIT that decide an exchange. */
export interface Offer {
  readonly kex?: string;
  readonly hostKey?: string;
  readonly cipher?: string;
  readonly mac?: string;
  readonly compression?: string;
}

/** The other end of one connection to the server. */
export interface RawPeer {
  /** Sends bytes as they are. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sends one packet; `padding` and `length` can be made to lie. */
  send(
    payload: Uint8Array,
    lies?: { padding?: number; length?: number },
  ): Promise<void>;
  /** The next packet's payload. Rejects when the client has gone. */
  receive(): Promise<Uint8Array<ArrayBuffer>>;
  /** Sends a version line, and resolves to the client's. */
  sayHello(version?: string): Promise<string>;
  /** Says hello, sends KEXINIT, and takes the client's and what follows it. */
  beginExchange(offer?: Offer): Promise<Uint8Array<ArrayBuffer>>;
}

/** A running server. */
export interface RawSshServer extends AsyncDisposable {
  readonly port: number;
  /** Where it is, for a transport. */
  endpoint(changes?: Partial<Endpoint>): Endpoint;
}

/**
 * Starts a server on a free port of 127.0.0.1. After `serve` a connection stays
 * open until the client lets go.
 */
export function startRawSshServer(
  serve: (peer: RawPeer) => Promise<void>,
): RawSshServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.TcpConn>();
  const serving = (async () => {
    for await (const connection of listener) {
      connections.add(connection);
      void handle(connection, serve).finally(() =>
        connections.delete(connection)
      );
    }
  })();
  const { port } = listener.addr;
  return {
    port,
    endpoint: (changes = {}) => ({
      name: "raw",
      transport: "ssh",
      address: "127.0.0.1",
      port,
      user: "deploy",
      identityFiles: [],
      ...changes,
    }),
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const connection of connections) connection.close();
      connections.clear();
      await serving;
    },
  };
}

async function handle(
  connection: Deno.TcpConn,
  serve: (peer: RawPeer) => Promise<void>,
): Promise<void> {
  try {
    connection.setNoDelay(true);
    await serve(createPeer(connection));
    const rest = new Uint8Array(64 * 1024);
    while (await connection.read(rest) !== null);
  } catch {
    // The client has hung up, which is what most of these tests want of it.
  }
  try {
    connection.close();
  } catch {
    // It was closed when the server was stopped.
  }
}

function createPeer(connection: Deno.TcpConn): RawPeer {
  let held = new Uint8Array(0);
  const fill = async (count: number) => {
    const chunk = new Uint8Array(64 * 1024);
    while (held.length < count) {
      const read = await connection.read(chunk);
      if (read === null) throw new Error("The client has hung up");
      held = concat(held, chunk.subarray(0, read));
    }
  };
  const take = async (count: number) => {
    await fill(count);
    const taken = held.slice(0, count);
    held = held.slice(count);
    return taken;
  };
  const peer: RawPeer = {
    async write(bytes) {
      let rest = bytes;
      while (rest.length > 0) {
        rest = rest.subarray(await connection.write(rest));
      }
    },
    send: (payload, lies) => peer.write(packet(payload, lies)),
    async receive() {
      const length = new DataView((await take(4)).buffer).getUint32(0);
      const body = await take(length);
      return body.slice(1, length - body[0]!);
    },
    async sayHello(version = "SSH-2.0-raw") {
      await peer.write(encode(`${version}\r\n`));
      const line: number[] = [];
      while (line.at(-1) !== 0x0a) line.push((await take(1))[0]!);
      return String.fromCharCode(...line).trimEnd();
    },
    async beginExchange(offer) {
      await peer.sayHello();
      await peer.send(kexInit(offer));
      await peer.receive();
      return await peer.receive();
    },
  };
  return peer;
}

/** The shortest packet of a payload, without encryption (RFC 4253, section 6). */
function packet(
  payload: Uint8Array,
  lies: { padding?: number; length?: number } = {},
): Uint8Array<ArrayBuffer> {
  const padding = 4 + (8 - (payload.length + 9) % 8) % 8;
  const length = 1 + payload.length + padding;
  return concat(
    uint32(lies.length ?? length),
    Uint8Array.of(lies.padding ?? padding),
    payload,
    new Uint8Array(padding),
  );
}

/** A KEXINIT. Default: curve25519 and ed25519, with a cipher that ftl has. */
export function kexInit(
  {
    kex = "curve25519-sha256",
    hostKey = "ssh-ed25519",
    cipher = "aes256-ctr",
    mac = "hmac-sha2-256",
    compression = "none",
  }: Offer = {},
): Uint8Array<ArrayBuffer> {
  const lists = [kex, hostKey, cipher, cipher, mac, mac];
  return concat(
    Uint8Array.of(MESSAGE.kexInit),
    new Uint8Array(16),
    ...[...lists, compression, compression, "", ""].map(string),
    new Uint8Array(1 + 4),
  );
}

/** A message: its number, and its fields. */
export function message(
  type: number,
  ...fields: Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(type), ...fields);
}

export function uint32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** A string, or an mpint that is written as its bytes are. */
export function string(value: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === "string" ? encode(value) : value;
  return concat(uint32(bytes.length), bytes);
}

/** An mpint as it should be. */
export function mpint(value: bigint): Uint8Array<ArrayBuffer> {
  const digits = value.toString(16);
  const bytes = Uint8Array.fromHex(
    digits.padStart(digits.length + digits.length % 2, "0"),
  );
  if (value === 0n) return string("");
  return string(bytes[0]! > 0x7f ? concat(Uint8Array.of(0), bytes) : bytes);
}

export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}

/** The parts of ssh2's `Protocol` that are used here. */
interface Ssh2Protocol {
  _packetRW: {
    write: {
      allocStartKEX: number;
      alloc(length: number, force: boolean): Uint8Array;
      finalize(packet: Uint8Array, force: boolean): Uint8Array;
    };
  };
  _cipher: { encrypt(packet: Uint8Array): void };
  _handlers: {
    GLOBAL_REQUEST(self: unknown, name: string, ...rest: unknown[]): void;
  };
  parse(chunk: Uint8Array, start: number, end: number): void;
}

/** Has a server of ssh2 send a message as it is, encrypted. */
export function injectMessage(
  connection: Connection,
  payload: Uint8Array,
): void {
  const { _packetRW: { write }, _cipher } = protocolOf(connection);
  const packet = write.alloc(payload.length, true);
  packet.set(payload, write.allocStartKEX);
  _cipher.encrypt(write.finalize(packet, true));
}

/** Has a server of ssh2 take no notice of anything that comes from now on. */
export function stopListening(connection: Connection): void {
  protocolOf(connection).parse = () => {};
}

/** Tells the names of the global requests that a server of ssh2 gets. */
export function hearRequests(
  connection: Connection,
  heard: (name: string) => void,
): void {
  const handlers = protocolOf(connection)._handlers;
  const handle = handlers.GLOBAL_REQUEST;
  handlers.GLOBAL_REQUEST = (self, name, ...rest) => {
    heard(name);
    handle(self, name, ...rest);
  };
}

function protocolOf(connection: Connection): Ssh2Protocol {
  return (connection as unknown as { _protocol: Ssh2Protocol })._protocol;
}
