// Connects to the endpoint in its argument, reports that, and waits: for
// tests of what remains when a process with a connection is killed.
import { createOpensshTransport } from "../../src/transport/openssh/openssh_transport.ts";

await createOpensshTransport({ agentSocket: "" }).open(
  JSON.parse(Deno.args[0]!),
  { signal: new AbortController().signal },
);
await Deno.stdout.write(new TextEncoder().encode("connected\n"));
setInterval(() => {}, 60_000);
