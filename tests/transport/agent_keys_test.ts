import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { agentKeyTypes } from "../../src/transport/agent_keys.ts";

/** Asks an agent that answers with some pieces, and then ends. */
async function ask(...pieces: number[][]): Promise<string[]> {
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
    return await agentKeyTypes(path);
  } finally {
    await serving;
    listener.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("agentKeyTypes() reads the types of keys, however they come", async () => {
  assertEquals(await ask([0, 0, 0, 5, 12, 0, 0, 0, 0]), []);
  const key = [0, 0, 0, 7, 0, 0, 0, 3, 114, 115, 97, 0, 0, 0, 1, 99];
  assertEquals(
    await ask([0, 0], [0, 37, 12, 0, 0], [0, 2, ...key], key),
    ["rsa", "rsa"],
  );
});

Deno.test("agentKeyTypes() refuses a server that is not an agent", async () => {
  await assertRejects(() => ask([0, 0, 0]), Error, "it closed the connection");
  await assertRejects(
    () => ask([0, 0, 0, 5, 5, 0, 0, 0, 0]),
    Error,
    "it does not answer like an agent",
  );
  await assertRejects(
    () => ask([0, 0, 0, 5, 12, 0, 0, 0, 9]),
    Error,
    "it does not answer like an agent",
  );
  await assertRejects(
    () => agentKeyTypes("/nowhere/agent"),
    Deno.errors.NotFound,
  );
});
