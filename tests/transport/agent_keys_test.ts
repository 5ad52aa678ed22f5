import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { countAgentKeys } from "../../src/transport/agent_keys.ts";

/** Asks an agent that answers with some pieces, and then ends. */
async function ask(...pieces: number[][]): Promise<number> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "agent");
  const listener = Deno.listen({ transport: "unix", path });
  const serving = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(16));
    for (const piece of pieces) await connection.write(new Uint8Array(piece));
    connection.close();
  })();
  try {
    return await countAgentKeys(path);
  } finally {
    await serving;
    listener.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("countAgentKeys() reads the number of keys, however it comes", async () => {
  assertEquals(await ask([0, 0, 0, 5, 12, 0, 0, 0, 0]), 0);
  assertEquals(await ask([0, 0, 1], [9, 12, 0, 0], [0, 3, 0, 0]), 3);
});

Deno.test("countAgentKeys() refuses what is no agent", async () => {
  await assertRejects(() => ask([0, 0, 0]), Error, "it closed the connection");
  await assertRejects(
    () => ask([0, 0, 0, 5, 5, 0, 0, 0, 0]),
    Error,
    "it does not answer as an agent does",
  );
  await assertRejects(
    () => countAgentKeys("/nowhere/agent"),
    Deno.errors.NotFound,
  );
});
