// A TCP proxy that counts round trips without a clock: each side's time is the
// number of half trips that its last bytes have waited for (Lamport's clocks), so
// that a busy machine counts as an idle one. Messages that cross count once.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** How long bytes are held, so that what is sent together travels together. */
const HELD_MS = 20;

/** A running proxy. */
export interface RoundTrips {
  readonly port: number;
  /**
   * Waits for the end of a connection: its round trips, with the one to connect.
   * Each connection is reported once, in the order of their ends.
   */
  next(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a proxy to the same port of the address that it was reached at. */
export async function countRoundTrips(port: number): Promise<RoundTrips> {
  const counts: number[] = [];
  let ended = Promise.withResolvers<void>();
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({
      host: near.localAddress!,
      port,
      allowHalfOpen: true,
    });
    const times = { near: 1, far: 0.5 };
    for (const socket of [near, far]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("close", () => open.delete(socket));
    }
    carry(near, far, () => {
      const at = times.near + 0.5;
      return () => times.far = Math.max(times.far, at);
    });
    carry(far, near, () => {
      const at = times.far + 0.5;
      return () => times.near = Math.max(times.near, at);
    });
    near.on("close", () => {
      counts.push(times.near);
      ended.resolve();
    });
  });
  await new Promise<void>((done) => server.listen(0, "0.0.0.0", done));
  return {
    port: (server.address() as AddressInfo).port,
    next: async () => {
      while (counts.length === 0) {
        ended = Promise.withResolvers();
        await ended.promise;
      }
      return counts.shift()!;
    },
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Carries bytes; `sent` is called as they leave, its result as they arrive. */
function carry(from: Socket, to: Socket, sent: () => () => void): void {
  from.on("data", (chunk) => {
    const arrived = sent();
    setTimeout(() => {
      if (to.destroyed) return;
      arrived();
      to.write(chunk);
    }, HELD_MS);
  });
  from.on("end", () => setTimeout(() => to.end(), HELD_MS));
  from.on("error", () => to.destroy());
  from.on("close", () => setTimeout(() => to.destroy(), HELD_MS));
}
