// A real ssh-agent with keys, behind a socket that counts who connects.
import { join } from "@std/path";
import { needProgram } from "./need.ts";

/** Whether this machine has an agent. */
export const agentNeed = needProgram("ssh-agent");

/** An agent that runs; it ends when it is disposed. */
export interface Agent extends AsyncDisposable {
  readonly socket: string;
  /** The most connections that were open at once. */
  readonly most: number;
  /** How many connections there were in all. */
  readonly all: number;
}

/** Starts an agent that holds the keys of some files, in that order. */
export async function startAgent(
  folder: string,
  keys: readonly string[],
): Promise<Agent> {
  const inner = join(folder, "agent.inner");
  const socket = join(folder, "agent");
  const agent = new Deno.Command(agentNeed.path, {
    args: ["-D", "-a", inner],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = agent.stdout.getReader();
  await reader.read(); // its first line comes when it listens
  await new Deno.Command("ssh-add", {
    args: ["-q", ...keys],
    env: { SSH_AUTH_SOCK: inner },
    stdin: "null",
  }).output();
  const counts = { open: 0, most: 0, all: 0 };
  const listener = Deno.listen({ transport: "unix", path: socket });
  const serving = (async () => {
    for await (const client of listener) {
      counts.all++;
      counts.most = Math.max(counts.most, ++counts.open);
      relay(client, inner).finally(() => counts.open--);
    }
  })();
  return {
    socket,
    get most() {
      return counts.most;
    },
    get all() {
      return counts.all;
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
      agent.kill("SIGTERM");
      await reader.cancel();
      await agent.status;
    },
  };
}

/** Passes bytes both ways until either side is through. */
async function relay(client: Deno.Conn, path: string): Promise<void> {
  using server = await Deno.connect({ transport: "unix", path });
  using _client = client;
  await Promise.race([
    client.readable.pipeTo(server.writable),
    server.readable.pipeTo(client.writable),
  ]).catch(() => {}); // either side may close
}
