// Connects to the endpoint that its argument describes, says so, and waits: for
// tests of what is left when a process is killed that has a connection.
import { createOpensshTransport } from "../../src/transport/openssh/openssh_transport.ts";

await createOpensshTransport({ agentSocket: "" }).open(
  JSON.parse(Deno.args[0]!),
  { signal: new AbortController().signal },
);
await Deno.stdout.write(new TextEncoder().encode("connected\n"));
setInterval(() => {}, 60_000);
