// A program: sends and takes 6 000 small messages over SSH, and prints how many
// ciphers were made and ended, and by how much resident memory grew.
// deno-lint-ignore-file no-console
import crypto from "node:crypto";

const counts = { made: 0, ended: 0 };
for (const name of ["createCipheriv", "createDecipheriv"] as const) {
  const create = crypto[name] as (...args: unknown[]) => object;
  const sample = create("aes-128-ctr", new Uint8Array(16), new Uint8Array(16));
  const prototype = Object.getPrototypeOf(sample) as { final(): unknown };
  const { final } = prototype;
  prototype.final = function () {
    counts.ended++;
    return final.call(this);
  };
  Object.assign(crypto, {
    [name]: (...args: unknown[]) => {
      counts.made++;
      return create(...args);
    },
  });
}

// Only now, or ssh2 would have taken the functions that do not count.
const { createSshTransport, parseKnownHosts } = await import(
  "../../src/transport/ssh/ssh_transport.ts"
);
const { port, knownHosts, identityFile } = JSON.parse(Deno.args[0]!);
const { signal } = new AbortController();
const transport = createSshTransport({
  knownHosts: parseKnownHosts([{ path: "known", text: knownHosts }]),
  agentSocket: "",
});
const connection = await transport.open({
  name: "web1",
  transport: "ssh",
  address: "127.0.0.1",
  port,
  user: "deploy",
  identityFiles: [identityFile],
  ssh: { algorithms: { ciphers: Deno.args[1] } },
}, { signal });
const stream = await connection.exec("cat", { signal });
const input = stream.stdin.getWriter();
const output = stream.stdout.getReader();
const message = new Uint8Array(400); // shorter ones need no cipher of Node

async function echo(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await input.write(message);
    for (let left = message.length; left > 0;) {
      left -= (await output.read()).value!.length;
    }
  }
}

await echo(1_000); // what is made once
const before = Deno.memoryUsage().rss;
await echo(6_000);
const grown = Deno.memoryUsage().rss - before;
console.log(JSON.stringify({ ...counts, grown }));
transport.close();
Deno.exit(0);
