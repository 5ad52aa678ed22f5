// How many round trips a login takes. `ssh` is the measure: it takes one more for
// the end of its channel.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  createSshTransport,
  parseKnownHosts,
} from "../../../src/transport/ssh/ssh_transport.ts";
import {
  createLoginMemory,
  type LoginMemory,
} from "../../../src/transport/login_memory.ts";
import { agentNeed, startAgent } from "../../support/agent.ts";
import { countRoundTrips } from "../../support/round_trips.ts";
import { type Sshd, sshdNeed, startSshd } from "../../support/sshd.ts";

const signal = new AbortController().signal;

/** Round trips to connect, exchange keys, ask for the login, and be let in. */
const SIGNED_AT_ONCE = 5;

/** Logs in, and gives the round trips that it took. */
type Login = (options: {
  keys: readonly string[];
  agentSocket?: string;
  memory?: LoginMemory;
}) => Promise<number>;

function withLogin(
  name: string,
  fn: (login: Login, sshd: Sshd) => Promise<void>,
): void {
  Deno.test({
    name: name + sshdNeed.suffix + agentNeed.suffix,
    ignore: sshdNeed.ignore || agentNeed.ignore,
    fn: async () => {
      const sshd = await startSshd();
      const trips = await countRoundTrips(sshd.port);
      const text = `[127.0.0.1]:${trips.port} ${sshd.hostKey}`;
      const login: Login = async (options) => {
        const transport = createSshTransport({
          knownHosts: parseKnownHosts([{ path: "known_hosts", text }]),
          agentSocket: options.agentSocket ?? "",
          home: sshd.folder,
          ...(options.memory && { loginMemory: options.memory }),
        });
        const connection = await transport.open({
          name: "web1",
          transport: "ssh",
          address: "127.0.0.1",
          port: trips.port,
          user: sshd.user,
          identityFiles: options.keys,
        }, { signal });
        await connection.close();
        transport.close();
        return await trips.next();
      };
      try {
        await fn(login, sshd);
      } finally {
        await trips.stop();
        await sshd.stop();
      }
    },
  });
}

async function makeKey(sshd: Sshd, name: string): Promise<string> {
  const file = join(sshd.folder, name);
  const args = ["-q", "-t", "ed25519", "-N", "", "-f", file];
  await new Deno.Command("ssh-keygen", { args }).output();
  return file;
}

withLogin("the only key signs at once", async (login, sshd) => {
  const memory = createLoginMemory();
  const keys = [sshd.identityFile];
  const question = 1; // whether the host needs nothing, as `ssh` asks
  assertEquals(await login({ keys, memory }), SIGNED_AT_ONCE + question);
  assertEquals(await login({ keys, memory }), SIGNED_AT_ONCE);
});

withLogin("of many keys, the one that is known to fit", async (login, sshd) => {
  const memory = createLoginMemory();
  const others = [await makeKey(sshd, "a"), await makeKey(sshd, "b")];
  await using agent = await startAgent(
    sshd.folder,
    [...others, sshd.identityFile],
  );
  const options = { keys: [], agentSocket: agent.socket, memory };
  const first = await login(options);
  assertEquals(first > SIGNED_AT_ONCE + 2, true, `${first} round trips`);
  assertEquals(await login(options), SIGNED_AT_ONCE);
});

withLogin(
  "a key that fits no more is followed by another",
  async (login, sshd) => {
    const memory = createLoginMemory();
    const other = await makeKey(sshd, "other");
    const keys = [sshd.identityFile, other];
    await login({ keys, memory });
    const accepted = `${sshd.identityFile}.pub`;
    await Deno.copyFile(`${other}.pub`, accepted);
    const refused = 1;
    const asked = 1;
    assertEquals(
      await login({ keys, memory }),
      SIGNED_AT_ONCE + refused + asked,
    );
    assertEquals(await login({ keys, memory }), SIGNED_AT_ONCE);
  },
);
