// A logged-in SSH connection. When it ends, every stream on it ends, and a command
// that was running counts as lost, never as successful.
import type { Duplex } from "node:stream";
import { setImmediate } from "node:timers";
import { shrinkListeners } from "../library/spare_memory.ts";
import type { Client, ClientChannel } from "../library/ssh2.ts";
import { internalsOf } from "../library/ssh2_internals.ts";
import { ConnectError } from "../../../errors.ts";
import type { KnownHostsFiles } from "../../known_hosts/known_hosts_file.ts";
import type { Connection, ExecOptions, Stream } from "../../transport.ts";
import { FloodError } from "../../useless.ts";
import { channelRefused, lostConnection } from "./ssh_errors.ts";
import { ForwardedStream } from "./forwarded_stream.ts";
import type { Carrier } from "./channel_input.ts";
import { SshStream } from "./ssh_stream.ts";
import { WireViolation } from "../guard/wire_reader.ts";

/** How many bytes may wait to be sent before writers wait. */
const MAX_WAITING = 256 * 1024;

/** What ssh2 reports for a channel whose connection ended before it opened. */
const NO_ANSWER = "No response from server";

/** The connection of an ssh2 client that has emitted `ready`. */
export class SshConnection implements Connection {
  readonly #host: string;
  readonly #client: Client;
  readonly #carrier: Duplex;
  readonly #packets: Carrier;
  readonly #closed = Promise.withResolvers<Error | undefined>();
  readonly #streams = new Set<SshStream>();
  #open = true;
  /** How many commands the host has not yet started or refused. */
  #starting = 0;
  #cause: unknown;

  readonly distrust: string | undefined;
  readonly keyExchange: string | undefined;
  /** Compares its key, and those of its bastions, with known_hosts again. */
  readonly recheck: (reader: KnownHostsFiles) => Promise<void>;

  /** @param options `carrier`: the socket, or the stream that replaces it */
  constructor(
    host: string,
    client: Client,
    { carrier, distrust, keyExchange, recheck = async () => {} }: {
      carrier: Duplex;
      distrust?: string | undefined;
      keyExchange?: string | undefined;
      recheck?: SshConnection["recheck"];
    },
  ) {
    this.keyExchange = keyExchange;
    this.recheck = recheck;
    this.distrust = distrust;
    this.#host = host;
    this.#client = client;
    this.#carrier = carrier;
    this.#packets = new BoundedCarrier(carrier);
    client.on("error", (error) => this.#cause ??= error);
    client.once("close", () => this.#ended());
    // The host has closed its side; nothing more can be sent to it.
    client.once("end", () => carrier.destroy());
    shrinkListeners(client);
    shrinkListeners(carrier);
  }

  get closed(): Promise<Error | undefined> {
    return this.#closed.promise;
  }

  /** True when a command runs on it, or is being started. */
  get isBusy(): boolean {
    return this.#starting + this.#streams.size > 0;
  }

  exec(
    command: string,
    { signal, terminal = false }: ExecOptions,
  ): Promise<Stream> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (!this.#open) return reject(this.#gone("start"));
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      const started = (error: Error | undefined, channel: ClientChannel) => {
        this.#starting--;
        signal.removeEventListener("abort", abort);
        if (!this.#open) return reject(this.#gone("start"));
        if (error?.message === NO_ANSWER) return reject(this.#gone("start"));
        if (error) return reject(channelRefused(error, this.#host));
        if (signal.aborted) return abandon(channel);
        resolve(this.#adopt(channel));
      };
      try {
        this.#client.exec(command, { pty: terminal }, started);
        this.#starting++;
      } catch (error) {
        // ssh2 throws when the socket can no longer be written to.
        this.#cause ??= error;
        signal.removeEventListener("abort", abort);
        reject(this.#gone("start"));
      }
    });
  }

  awaitAnswer(): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(this.#gone("start"));
      if (!this.#open || !this.#carrier.writable) return gone();
      const client = internalsOf(this.#client);
      // A host that does not know the request says so, which is an answer too.
      const answered = (error: unknown) =>
        error instanceof Error ? gone() : resolve();
      client._callbacks.push(answered); // ssh2 matches answers to it, in order
      client._protocol.ping();
    });
  }

  /**
   * Opens a byte stream from the host to an address that it can reach. Rejects
   * with ssh2's error, untranslated.
   */
  forward(
    address: string,
    { port, signal }: { port: number; signal: AbortSignal },
  ): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (!this.#open) return reject(this.#gone("call"));
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        signal.removeEventListener("abort", abort);
        if (error) return reject(error);
        if (signal.aborted) return abandon(channel);
        resolve(new ForwardedStream(channel));
      };
      try {
        this.#client.forwardOut("127.0.0.1", 0, address, port, opened);
      } catch (error) {
        // ssh2 throws when the socket can no longer be written to.
        this.#cause ??= error;
        signal.removeEventListener("abort", abort);
        reject(this.#gone("call"));
      }
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const stream of this.#streams) stream.close();
    // Disconnect properly, unless that would wait for a host that hangs.
    if (this.#carrier.writableLength === 0) this.#client.end();
    setImmediate(() => this.#carrier.destroy());
  }

  #adopt(channel: ClientChannel): SshStream {
    const stream = new SshStream(channel, {
      carrier: this.#packets,
      onEnd: (ended) => this.#streams.delete(ended),
    });
    this.#streams.add(stream);
    return stream;
  }

  #ended(): void {
    const lost = this.#open;
    this.#open = false;
    const cause = this.#cause;
    const isFault = cause instanceof FloodError ||
      cause instanceof WireViolation;
    const fault = isFault ? cause.message : undefined;
    for (const stream of this.#streams) stream.lose(fault);
    this.#closed.resolve(lost ? this.#gone("call") : undefined);
  }

  /** The error for an action on a connection that has ended. */
  #gone(phase: "start" | "call"): ConnectError {
    const host = this.#host;
    const cause = this.#cause;
    if (phase === "call") return lostConnection(cause, host);
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    return new ConnectError(
      `Cannot start a command on ${host}: the connection is closed${reason}`,
      // The command never began, so that it may be started again.
      { phase, host, cause, mayPass: true },
    );
  }
}

/**
 * Bounds the bytes that wait for a slow host: the window alone would allow two
 * megabytes per stream.
 */
class BoundedCarrier implements Carrier {
  readonly #duplex: Duplex;
  #relief: Promise<void> | undefined;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
  }

  get relief(): Promise<void> | undefined {
    const duplex = this.#duplex;
    if (this.#relief !== undefined || duplex.writableLength < MAX_WAITING) {
      return this.#relief;
    }
    this.#relief = new Promise<void>((resolve) => {
      const done = () => {
        duplex.off("drain", done).off("close", done);
        this.#relief = undefined;
        resolve();
      };
      duplex.on("drain", done).on("close", done);
    });
    return this.#relief;
  }
}

/** Closes a channel that opened after its request was aborted. */
function abandon(channel: ClientChannel): void {
  channel.close();
  channel.resume();
  channel.stderr.resume();
}
