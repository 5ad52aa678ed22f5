// What is particular to commands on this machine; the rest is in the contract.
import { assertEquals } from "@std/assert";
import { createLocalTransport } from "../../../src/transport/local/local_transport.ts";
import type { Connection, Stream } from "../../../src/transport/transport.ts";

const signal = new AbortController().signal;

async function withConnection(
  graceMs: number,
  fn: (connection: Connection) => Promise<void>,
): Promise<void> {
  const connection = await createLocalTransport({ graceMs }).open({
    name: "here",
    transport: "local",
    address: "here",
    port: 22,
    user: "me",
    identityFiles: [],
  }, { signal });
  try {
    await fn(connection);
  } finally {
    connection.close();
    await connection.closed;
  }
}

/** Reads the numbers of processes that a command prints first. */
async function readPids(stream: Stream): Promise<number[]> {
  const reader = stream.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value).trim().split(" ").map(Number);
}

/** Whether a process has not ended; one that nobody collects has. */
async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", String(pid)],
  }).output();
  return /^[^Z]/.test(new TextDecoder().decode(stdout).trim());
}

Deno.test("close() ends the background processes of a command", async () => {
  await withConnection(60_000, async (connection) => {
    const stream = await connection.exec(
      "sleep 1000 & echo $$ $!; wait",
      { signal },
    );
    const pids = await readPids(stream);
    stream.close();
    assertEquals(await stream.exit, {
      code: null,
      signal: "TERM",
      lost: false,
    });
    connection.close();
    await connection.closed;
    assertEquals(await Promise.all(pids.map(isAlive)), [false, false]);
  });
});

Deno.test("close() kills processes that ignore TERM", async () => {
  await withConnection(20, async (connection) => {
    const stream = await connection.exec(
      "trap '' TERM; sleep 1000 & echo $$ $!; wait",
      { signal },
    );
    const pids = await readPids(stream);
    stream.close();
    assertEquals((await stream.exit).signal, "KILL");
    connection.close();
    await connection.closed;
    assertEquals(await Promise.all(pids.map(isAlive)), [false, false]);
  });
});

Deno.test("close() kills processes that outlive their leader", async () => {
  await withConnection(20, async (connection) => {
    const stream = await connection.exec(
      "(trap '' TERM; sleep 1000 & wait; sleep 1000) & echo $$ $!; wait",
      { signal },
    );
    const pids = await readPids(stream);
    stream.close();
    assertEquals((await stream.exit).signal, "TERM");
    connection.close();
    await connection.closed; // not before the last of them was killed
    assertEquals(await Promise.all(pids.map(isAlive)), [false, false]);
  });
});

Deno.test("processes that a command leaves on purpose stay when it has ended", async () => {
  await withConnection(20, async (connection) => {
    const stream = await connection.exec(
      "sleep 1000 >/dev/null 2>&1 & echo $!",
      { signal },
    );
    const [pid] = await readPids(stream);
    assertEquals((await stream.exit).code, 0);
    stream.close();
    connection.close();
    await connection.closed;
    assertEquals(await isAlive(pid!), true);
    Deno.kill(pid!, "SIGKILL");
  });
});
