// A TCP proxy that spoils connections: it holds bytes back, loses some, sends some
// twice, changes some, or hangs up. What it does is decided elsewhere.

/** What happens to the next bytes of a host. */
export type Spoiling = "cut" | "repeat" | "change" | "hang up";

/** A proxy in front of one host. */
export class CuttingProxy {
  readonly port: number;
  /** How long every chunk waits, in ms. */
  delayMs = 0;
  /** Whether it hangs up on new connections. */
  isRefusing = false;
  /** The number of connections it has carried. */
  connections = 0;
  readonly #listener: Deno.TcpListener;
  readonly #target: Deno.ConnectOptions;
  readonly #open = new Set<Deno.TcpConn>();
  #next: Spoiling | undefined;
  #held: Promise<void> = Promise.resolve();
  #release = () => {};

  /** Listens on a free port of an address of the loopback device. */
  constructor(address: string, target: Deno.ConnectOptions) {
    this.#listener = Deno.listen({ hostname: address, port: 0 });
    this.port = this.#listener.addr.port;
    this.#target = target;
    this.#serve();
  }

  /** Spoils the next chunk, whichever direction it takes. */
  spoil(how: Spoiling): void {
    this.#next = how;
    if (how === "hang up" && this.#open.size > 0) this.#hangUp();
  }

  /** Holds all bytes back until `resume()`. */
  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#release();
    this.#held = promise;
    this.#release = resolve;
  }

  /** Passes everything on again. */
  resume(): void {
    this.delayMs = 0;
    this.isRefusing = false;
    this.#next = undefined;
    this.#release();
  }

  /** Ends all connections. */
  close(): void {
    this.resume();
    this.#listener.close();
    this.#hangUp();
  }

  #hangUp(): void {
    this.#next = undefined;
    for (const connection of this.#open) close(connection);
  }

  async #serve(): Promise<void> {
    for await (const near of this.#listener) {
      this.connections++;
      if (this.isRefusing) {
        close(near);
        continue;
      }
      this.#carry(near).catch(() => {}); // a broken connection is what it is for
    }
  }

  async #carry(near: Deno.TcpConn): Promise<void> {
    this.#open.add(near);
    try {
      const far = await Deno.connect(this.#target);
      this.#open.add(far);
      near.setNoDelay(true);
      far.setNoDelay(true);
      try {
        await Promise.all([this.#pump(near, far), this.#pump(far, near)]);
      } finally {
        this.#open.delete(far);
        close(far);
      }
    } finally {
      this.#open.delete(near);
      close(near);
    }
  }

  async #pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(32 * 1024);
    for (;;) {
      const size = await from.read(buffer);
      if (size === null) break;
      await this.#held;
      if (this.delayMs > 0) await pause(this.delayMs);
      const chunk = buffer.subarray(0, size);
      for (const each of this.#spoiled(chunk)) await writeAll(to, each);
    }
    await to.closeWrite();
  }

  #spoiled(chunk: Uint8Array): Uint8Array[] {
    const how = this.#next;
    if (how === undefined) return [chunk];
    this.#next = undefined;
    const half = chunk.length >> 1;
    if (how === "cut") return [chunk.subarray(0, half)];
    if (how === "repeat") return [chunk, chunk.subarray(half)];
    if (how === "change") {
      chunk[half]! ^= 0x55;
      return [chunk];
    }
    this.#hangUp();
    return [];
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await to.write(bytes.subarray(sent));
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
