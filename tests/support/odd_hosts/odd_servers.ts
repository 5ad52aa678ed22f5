// Servers on a port where an SSH server is expected: not an SSH server, or one
// that refuses.
import { join } from "@std/path";
import type { OddHosts } from "./odd_hosts.ts";

/** Something that listens. */
export interface OddServerPlan {
  readonly name: string;
  /** What the error says of it. */
  readonly says: RegExp;
  /** Serves who has connected. */
  readonly serve: (connection: Deno.Conn) => Promise<void> | void;
}

const PLANS: readonly OddServerPlan[] = [
  {
    name: "silent",
    says: /did not answer within 6 s/,
    serve: () => {},
  },
  {
    name: "no-ssh",
    says: /does not speak SSH; it sent "HTTP\/1\.1 400 Bad Request"/,
    serve: async (connection) => {
      await write(connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
      connection.close();
    },
  },
  {
    name: "drops",
    says: /closed the connection before the handshake/,
    serve: (connection) => connection.close(),
  },
  {
    name: "babbles",
    says: /does not speak SSH; it sent "what do you want\?"/,
    serve: async (connection) => {
      const text = "what do you want?\r\n".repeat(100);
      try {
        for (;;) await write(connection, text);
      } catch {
        connection.close(); // the server has ended
      }
    },
  },
];

/** The servers; they go when it is disposed. */
export interface OddServers extends AsyncDisposable {
  readonly servers: readonly OddServerPlan[];
  readonly inventory: string;
}

/** Starts them. */
export async function startOddServers(odd: OddHosts): Promise<OddServers> {
  const open = new Set<Deno.Conn>();
  const listeners = PLANS.map(() =>
    Deno.listen({ hostname: "127.0.0.1", port: 0 })
  );
  const serving = PLANS.map(async ({ serve }, i) => {
    for await (const connection of listeners[i]!) {
      open.add(connection);
      serve(connection);
    }
  });
  const inventory = join(odd.etc.files, "servers.yml");
  const hosts = PLANS.map(({ name }, i) => [name, {
    ansible_host: "127.0.0.1",
    ansible_port: listeners[i]!.addr.port,
    ansible_timeout: name === "silent" ? 6 : 30,
  }]);
  await Deno.writeTextFile(
    inventory,
    JSON.stringify({ servers: { hosts: Object.fromEntries(hosts) } }),
  );
  return {
    servers: PLANS,
    inventory,
    [Symbol.asyncDispose]: async () => {
      for (const listener of listeners) listener.close();
      await Promise.all(serving);
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          continue; // it is closed
        }
      }
    },
  };
}

async function write(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}
