// A TCP relay on loopback that counts what passes: bytes of payload, with encryption
// and padding, and turns.
/** A running relay. */
export interface Relay {
  readonly port: number;
  /** Bytes in both directions. */
  readonly bytes: number;
  /** How often the controller sent something after the host had. */
  readonly turns: number;
  close(): void;
}

/** Relays bytes between a new port and another one on loopback. */
export function startRelay(port: number): Relay {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const seen = { bytes: 0, turns: 0, hostSpoke: true };
  const count = (fromHost: boolean) =>
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen.bytes += chunk.length;
        if (!fromHost && seen.hostSpoke) seen.turns++;
        seen.hostSpoke = fromHost;
        controller.enqueue(chunk);
      },
    });
  const carry = async (client: Deno.TcpConn) => {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    client.setNoDelay(true);
    server.setNoDelay(true);
    // Either end may be reset when the other has closed: then both have ended.
    await Promise.allSettled([
      client.readable.pipeThrough(count(false)).pipeTo(server.writable),
      server.readable.pipeThrough(count(true)).pipeTo(client.writable),
    ]);
  };
  (async () => {
    for await (const client of listener) carry(client);
  })();
  return {
    port: listener.addr.port,
    get bytes() {
      return seen.bytes;
    },
    get turns() {
      return seen.turns;
    },
    close: () => listener.close(),
  };
}
