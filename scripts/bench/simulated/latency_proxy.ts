// A TCP proxy with latency: every byte takes `ms` in each direction, in order,
// whatever other bytes are on the way. Prints its port, then serves
// until its stdin ends. It listens on 127.0.0.0/8 and connects to the address that
// it was reached at.
//
//   latency_proxy.ts PORT MS
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

function delay(from: Socket, to: Socket, ms: number): void {
  from.on("data", (chunk) => {
    setTimeout(() => {
      if (!to.destroyed) to.write(chunk);
    }, ms);
  });
  from.on("end", () => setTimeout(() => to.end(), ms));
  from.on("error", () => to.destroy());
  from.on("close", () => setTimeout(() => to.destroy(), ms));
}

function main(port: number, ms: number): void {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.setNoDelay(true);
    const far = connect({
      host: near.localAddress!,
      port,
      allowHalfOpen: true,
    });
    far.setNoDelay(true);
    delay(near, far, ms);
    delay(far, near, ms);
  });
  server.listen(0, "0.0.0.0", 4096, () => {
    const { port } = server.address() as AddressInfo;
    Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`));
  });
}

if (import.meta.main) {
  const [port, ms] = Deno.args.map(Number) as [number, number];
  main(port, ms / 2);
  for await (const _ of Deno.stdin.readable) { /* until it ends */ }
  Deno.exit(0);
}
