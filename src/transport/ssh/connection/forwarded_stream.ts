// A channel that carries another SSH connection. It never writes synchronously:
// ssh2's chacha20 has one nonce buffer for all connections and writes while it is
// encrypting, so a write that made the outer connection encrypt would give the
// packet of the inner one a wrong nonce.
import { Buffer } from "node:buffer";
import process from "node:process";
import { Duplex } from "node:stream";
import type { ClientChannel } from "../library/ssh2.ts";

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
    this.#waiting.push(chunk); // a packet has three parts
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
    this.#channel.resume(); // it closes only after all data is read
    done(error);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    if (bytes.length > 0 && this.#channel.writable) this.#channel.write(bytes);
  }
}
