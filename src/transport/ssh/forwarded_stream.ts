// A channel that carries another SSH connection. It never writes at once: ssh2's
// chacha20 keeps the nonce of the packet it is encrypting in one buffer for all
// connections, and writes in the middle of it; a write that led to encryption by
// the connection below would give the packet above a wrong nonce.
import { Buffer } from "node:buffer";
import process from "node:process";
import { Duplex } from "node:stream";
import type { ClientChannel } from "./ssh2.ts";

/** The bytes of a forwarded channel. */
export class ForwardedStream extends Duplex {
  readonly #channel: ClientChannel;
  #waiting: Uint8Array[] = [];

  constructor(channel: ClientChannel) {
    super();
    this.#channel = channel;
    channel.on("data", (chunk: Buffer) => this.push(chunk) || channel.pause());
    channel.once("end", () => this.push(null));
    channel.once("close", () => this.destroy());
    channel.on("error", (error: Error) => this.destroy(error));
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: () => void,
  ): void {
    if (this.#waiting.length === 0) process.nextTick(() => this.#flush());
    this.#waiting.push(chunk); // a packet comes in three parts
    done();
  }

  override _final(done: () => void): void {
    this.#flush();
    this.#channel.end();
    done();
  }

  override _destroy(
    error: Error | null,
    done: (error: Error | null) => void,
  ): void {
    this.#flush();
    this.#channel.close();
    this.#channel.resume(); // it is gone when all of it has been read
    done(error);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    if (bytes.length > 0 && this.#channel.writable) this.#channel.write(bytes);
  }
}
