// A TCP proxy whose connections die unseen by both ends, as when a firewall forgets
// them.

/** Forwards connections; `forget()` resets those there are at their next bytes. */
export function startForgetfulProxy(port: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const flows = new Set<{ isForgotten: boolean }>();
  const pumps: Promise<void>[] = [];
  const pump = async (
    from: Deno.Conn,
    to: Deno.Conn,
    mayPass: () => boolean,
  ) => {
    const buffer = new Uint8Array(65_536);
    try {
      for (let n = await from.read(buffer); n !== null;) {
        if (!mayPass()) break;
        for (let at = 0; at < n;) at += await to.write(buffer.subarray(at, n));
        n = await from.read(buffer);
      }
    } catch {
      // An end has closed it.
    }
    for (const end of [from, to]) {
      try {
        end.close();
      } catch {
        // It is closed already.
      }
    }
  };
  const accepting = (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port })
        .catch(() => undefined);
      if (server === undefined) { // the server has stopped
        client.close();
        continue;
      }
      const flow = { isForgotten: false };
      flows.add(flow);
      pumps.push(pump(client, server, () => !flow.isForgotten));
      pumps.push(pump(server, client, () => true));
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    get connections() {
      return flows.size;
    },
    forget: () => flows.forEach((flow) => flow.isForgotten = true),
    stop: async () => {
      listener.close();
      await accepting;
      await Promise.all(pumps);
    },
  };
}
