import { assertRejects } from "@std/assert";
import { join } from "@std/path";
import { SharedAgent } from "../../../../src/transport/ssh/keys/ssh_agent.ts";

Deno.test("an agent that never answers is not waited for", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "agent");
  using _silent = Deno.listen({ transport: "unix", path });
  const agent = new SharedAgent(path);
  try {
    await assertRejects(() => agent.identities(), Error, "in time");
  } finally {
    agent.close();
    await Deno.remove(folder, { recursive: true });
  }
});
