import { assertEquals } from "@std/assert";
import net from "node:net";
import tls from "node:tls";
import "../../../../src/core/nats/server/quiet_sockets.ts";

for (
  const [name, open] of [
    ["net.createConnection()", (port: number) => net.createConnection(port)],
    ["tls.connect()", (port: number) => tls.connect(port)],
  ] as const
) {
  Deno.test(`an error of a socket of ${name} without listeners is not uncaught`, async () => {
    const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const socket = open(server.addr.port);
    socket.removeAllListeners();
    (await server.accept()).close();
    server.close();
    const closed = new Promise<void>((resolve) => {
      socket.on("close", () => resolve());
    });
    socket.destroy(new Error("reset"));
    await closed;
    assertEquals(socket.destroyed, true);
  });
}
