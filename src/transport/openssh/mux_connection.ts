// The commands on one host, as sessions on the connection of an `ssh` process.
// That process does only the cryptography: its multiplexing socket passes on the
// messages of the connection protocol (PROTOCOL.mux, proxy mode). So exit
// statuses and signals come from the host unchanged, and a host needs one process
// and one login for any number of commands. With a process per command, status
// 255 could come from ssh or from the command.
import { ConnectError } from "../../errors.ts";
import { channelRefused } from "../ssh/connection/ssh_errors.ts";
import type { PooledConnection } from "../ssh/connection/connection_pool.ts";
import { FloodError, UselessMessages } from "../useless.ts";
import type { ExecOptions, Stream } from "../transport.ts";
import {
  encodeMessage,
  encodePacket,
  type Field,
  Fields,
  MESSAGE,
  readBodies,
} from "./mux_packet.ts";
import type { Master } from "./master.ts";
import { MuxStream, WINDOW } from "./mux_stream.ts";

/** PROTOCOL.mux, section 14. */
const HELLO = 0x00000001;
const PROXY = 0x1000000f;
const PROXYING = 0x8000000f;
const MUX_VERSION = 4;
/** As in OpenSSH (CHAN_SES_PACKET_DEFAULT). */
const PACKET = 32 * 1024;

/** RFC 4254, section 6.2: without a reply, 24 lines of 80, no modes. */
const PTY_REQUEST = [
  ...["pty-req", false, "dumb", 80, 24, 0, 0],
  Uint8Array.of(0),
];

/** Connects to a process that listens. Rejects when it has no proxy mode. */
export async function connectToMaster(
  master: Master,
  host: string,
): Promise<MuxConnection> {
  const socket = await Deno.connect({
    transport: "unix",
    path: master.socketPath,
  });
  try {
    await writeAll(socket, encodePacket([], [HELLO, MUX_VERSION]));
    await writeAll(socket, encodePacket([], [PROXY, 0]));
    const bodies = readBodies(socket);
    for (;;) {
      const { done, value } = await bodies.next();
      if (done) throw new Error("ssh closed its multiplexing socket");
      const type = new Fields(value).number();
      if (type === HELLO) continue;
      if (type === PROXYING) {
        return new MuxConnection(host, master, socket, bodies);
      }
      throw new Error("it has no proxy mode");
    }
  } catch (error) {
    socket.close();
    throw error;
  }
}

interface Session {
  /** The number that ftl gave it. */
  readonly id: number;
  /** The number that the host gave it, once it has answered. */
  theirs: number | undefined;
  stream: MuxStream | undefined;
  /** True when ftl has sent its close message. */
  closed: boolean;
  readonly started: PromiseWithResolvers<MuxStream>;
  readonly command: string;
  readonly terminal: boolean;
  /** How many bytes ftl may send now. */
  window: number;
  maxPacket: number;
}

/** The connection of an `ssh` process. */
export class MuxConnection implements PooledConnection {
  readonly closed: Promise<Error | undefined>;
  readonly #host: string;
  readonly #master: Master;
  readonly #socket: Deno.Conn;
  readonly #sessions = new Map<number, Session>();
  #next = 0;
  #open = true;
  /** True when the connection ended without `close()`. */
  #isLost = false;
  #sending: Promise<void> = Promise.resolve();
  readonly #useless = new UselessMessages();

  constructor(
    host: string,
    master: Master,
    socket: Deno.Conn,
    bodies: AsyncIterable<Uint8Array>,
  ) {
    this.#host = host;
    this.#master = master;
    this.#socket = socket;
    this.closed = this.#serve(bodies);
  }

  get isBusy(): boolean {
    return this.#sessions.size > 0;
  }

  get keyExchange(): string | undefined {
    return this.#master.keyExchange;
  }

  get distrust(): string | undefined {
    return this.#master.distrust;
  }

  exec(
    command: string,
    { signal, terminal = false }: ExecOptions,
  ): Promise<Stream> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (!this.#open) return Promise.reject(this.#gone("start"));
    const id = this.#next++;
    const session: Session = {
      id,
      theirs: undefined,
      stream: undefined,
      closed: false,
      started: Promise.withResolvers(),
      command,
      terminal,
      window: 0,
      maxPacket: 0,
    };
    this.#sessions.set(id, session);
    const abort = () => {
      session.started.reject(signal.reason);
      this.#close(session);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#send(MESSAGE.channelOpen, "session", id, WINDOW, PACKET);
    return session.started.promise.finally(() =>
      signal.removeEventListener("abort", abort)
    );
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const { stream } of this.#sessions.values()) stream?.close();
    this.#master.end();
  }

  async #serve(
    bodies: AsyncIterable<Uint8Array>,
  ): Promise<Error | undefined> {
    let cause: unknown;
    try {
      for await (const body of bodies) this.#take(body);
    } catch (error) {
      // An invalid packet, a flood, or a broken socket.
      cause = error;
    }
    this.#isLost = this.#open;
    this.#open = false;
    this.#master.end();
    const fault = cause instanceof FloodError ? cause.message : undefined;
    for (const { stream } of this.#sessions.values()) stream?.lose(fault);
    this.#socket.close();
    await this.#master.ended;
    for (const { started } of this.#sessions.values()) {
      started.reject(this.#gone("start"));
    }
    return this.#isLost ? this.#gone("call", cause) : undefined;
  }

  #take(body: Uint8Array): void {
    const fields = new Fields(body);
    fields.byte(); // the length of the padding, which is empty here
    const type = fields.byte();
    const session = type < MESSAGE.channelOpenConfirmation
      ? undefined
      : this.#sessions.get(fields.number());
    if (session === undefined) {
      return this.#useless.count(`a message of type ${type}`);
    }
    switch (type) {
      case MESSAGE.channelOpenConfirmation:
        return this.#opened(session, fields);
      case MESSAGE.channelOpenFailure:
        this.#sessions.delete(session.id);
        return session.started.reject(refused(fields, this.#host));
      case MESSAGE.success:
        return this.#started(session);
      case MESSAGE.failure:
        session.started.reject(
          channelRefused(new Error("the host refused"), this.#host),
        );
        return this.#close(session);
      case MESSAGE.close:
        this.#sessions.delete(session.id);
        this.#close(session);
        session.stream?.lose();
        return session.started.reject(this.#gone("start"));
      default:
        if (session.stream) {
          return session.stream.take(type, fields, this.#useless);
        }
        this.#useless.count(`a message of type ${type}`);
        // OpenSSH's server sends none before it has started the command.
        if (type === MESSAGE.windowAdjust) session.window += fields.number();
    }
  }

  #opened(session: Session, fields: Fields): void {
    if (session.theirs !== undefined) return this.#useless.count("a channel");
    this.#useless.opened();
    session.theirs = fields.number();
    session.window = fields.number();
    session.maxPacket = fields.number();
    if (session.closed) {
      this.#send(MESSAGE.close, session.theirs);
      return;
    }
    const { theirs, command, terminal } = session;
    // Without a reply: the command reports a missing terminal itself.
    if (terminal) this.#send(MESSAGE.request, theirs, ...PTY_REQUEST);
    this.#send(MESSAGE.request, theirs, "exec", true, command);
  }

  #started(session: Session): void {
    if (session.stream !== undefined || session.closed) {
      return this.#useless.count("an answer");
    }
    const theirs = session.theirs!;
    session.stream = new MuxStream({
      data: (chunk) => this.#send(MESSAGE.data, theirs, chunk),
      eof: () => void this.#send(MESSAGE.eof, theirs),
      close: () => this.#close(session),
      allow: (count) => void this.#send(MESSAGE.windowAdjust, theirs, count),
    }, session);
    session.started.resolve(session.stream);
  }

  #close(session: Session): void {
    if (session.closed) return;
    session.closed = true;
    if (session.theirs !== undefined) this.#send(MESSAGE.close, session.theirs);
  }

  /** Settles when the message is written, or the socket is broken. */
  #send(type: number, ...fields: Field[]): Promise<void> {
    const message = encodeMessage(type, ...fields);
    this.#sending = this.#sending.then(() => writeAll(this.#socket, message))
      .catch(() => {
        // The process has ended; `#serve()` ends the connection.
      });
    return this.#sending;
  }

  /** The error for an action on a connection that has ended. */
  #gone(phase: "start" | "call", cause?: unknown): ConnectError {
    const name = this.#host;
    const { lastLine } = this.#master;
    const fault = cause instanceof FloodError ? cause.message : lastLine;
    const why = fault === "" && this.#isLost ? "ssh ended silently" : fault;
    const reason = why === "" ? "" : `: ${why}`;
    const message = phase === "call"
      ? `Lost the connection to ${name}${reason}`
      : `Cannot start a command on ${name}: the connection is closed${reason}`;
    return new ConnectError(message, {
      ...{ phase, host: name, cause },
      // On a connection that has ended the command never began.
      mayPass: phase === "start" && !this.#open,
    });
  }
}

function refused(fields: Fields, host: string): ConnectError {
  const reason = fields.number();
  const message = `(SSH) Channel open failure: ${fields.text()}`;
  return channelRefused(Object.assign(new Error(message), { reason }), host);
}

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await socket.write(bytes.subarray(at));
  }
}
