// The hosts of a session, none of which is real: each command is served in this process,
// as scripts/bench/simulated/ serves it, and nothing is connected to.
import { Duplex } from "node:stream";
import type { ServerChannel } from "ssh2";
import type { Transports } from "../../src/core/route/transports.ts";
import type { RouteData } from "../../src/core/session/session_messages.ts";
import {
  type Opener,
  type SharedHost,
  SharedHosts,
} from "../../src/core/session/shared_hosts.ts";
import type {
  Connection,
  Exit,
  Stream,
  Transport,
} from "../../src/transport/transport.ts";
import { serveCommand } from "../bench/simulated/host_channel.ts";

/** Hosts that are open as soon as they are asked for. */
export class SimulatedHosts extends SharedHosts {
  override open(key: string, route: RouteData, opener: Opener): SharedHost {
    return super.open(key, route, { ...opener, transports: TRANSPORTS });
  }
}

const TRANSPORT: Transport = {
  open: () => Promise.resolve(connect()),
  close: () => {},
};

/** The same transport for all kinds. */
const TRANSPORTS = {
  get: () => Promise.resolve(TRANSPORT),
  close: () => Promise.resolve(),
} as unknown as Transports;

function connect(): Connection {
  const closed = Promise.withResolvers<undefined>();
  const streams = new Set<Stream>();
  return {
    exec(command) {
      const stream = run(command);
      streams.add(stream);
      return Promise.resolve(stream);
    },
    closed: closed.promise,
    close() {
      for (const stream of streams) stream.close();
      closed.resolve(undefined);
    },
  };
}

function run(command: string): Stream {
  const exit = Promise.withResolvers<Exit>();
  let stdout!: ReadableStreamDefaultController<Uint8Array>;
  let stderr!: ReadableStreamDefaultController<Uint8Array>;
  let isOver = false;
  const over = (code: number | null) => {
    if (isOver) return;
    isOver = true;
    for (const output of [stdout, stderr]) output.close();
    exit.resolve({ code, signal: null, lost: code === null });
  };
  let status: number | null = null;
  const channel = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      if (!isOver) stdout.enqueue(Uint8Array.from(chunk));
      done();
    },
    final(done) {
      over(status);
      done();
    },
    destroy(_error, done) {
      over(null);
      done(null);
    },
  });
  const served = Object.assign(channel, {
    exit: (code: number) => void (status = code),
    stderr: {
      write: (text: string) =>
        isOver || stderr.enqueue(new TextEncoder().encode(text)),
    },
  });
  const stream: Stream = {
    stdin: new WritableStream<Uint8Array>({
      write: (chunk) => void channel.push(chunk.slice()),
      close: () => void channel.push(null),
    }),
    stdout: new ReadableStream({ start: (one) => void (stdout = one) }),
    stderr: new ReadableStream({ start: (one) => void (stderr = one) }),
    exit: exit.promise,
    close: () => void channel.destroy(),
  };
  serveCommand(command, served as unknown as ServerChannel, {
    ...{ delayMs: 0, replyBytes: 10, failure: "none" },
  });
  return stream;
}
