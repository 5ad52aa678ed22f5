// Sessions of programs that use ftl as a library: one program leaves its hosts open,
// and the next one finds them.
import { assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { openFleet } from "../../../src/mod.ts";
import { sshdNeed, startOpensshFleet } from "../../support/openssh_fleet.ts";

const ROOT = fromFileUrl(new URL("../../../", import.meta.url));

/** Prints the process that runs its command, and what it was warned of. */
const PROGRAM = `
import { collect, exec, loadHosts, openFleet } from "${ROOT}src/mod.ts";
const { address, session, ...connection } = JSON.parse(Deno.args[0]);
const warnings = [];
await using fleet = await openFleet({
  hosts: await loadHosts({ inventory: address + "," }),
  connection,
  session,
  onWarning: (message) => warnings.push(message),
});
const { results } = await collect(exec(fleet, "echo $SSH_CONNECTION"));
const { result, error } = results.get(address);
console.log(JSON.stringify([error ?? result.stdout, warnings]));
`;

Deno.test({
  name: "openFleet() leaves hosts to a session, and takes them from it" +
    sshdNeed.suffix,
  ignore: sshdNeed.ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "ftl-kept-" });
    const fleet = await startOpensshFleet({ hosts: 1 });
    const { sshd, knownHosts, hosts } = fleet;
    const deno = async (...args: string[]) => {
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--allow-all",
          "--config",
          join(ROOT, "deno.json"),
          ...args,
        ],
        env: { FTL_HOME: join(folder, "home") },
      }).output();
      assertEquals(new TextDecoder().decode(stderr), "");
      return new TextDecoder().decode(stdout);
    };
    const program = join(folder, "program.ts");
    await Deno.writeTextFile(program, PROGRAM);
    const use = async (session?: object) =>
      JSON.parse(
        await deno(
          program,
          JSON.stringify({
            ...{ address: hosts[0]!.address, session },
            ...{ user: sshd.user, port: sshd.port },
            identityFiles: [sshd.identityFile],
            knownHostsFiles: [knownHosts],
            sshConfig: "none",
            agentSocket: "",
          }),
        ),
      );
    try {
      const [kept, warnings] = await use({ keepMs: 60_000 });
      assertEquals(warnings, []);
      assertEquals(await use({}), [kept, []], "the same connection");
      const [own] = await use();
      assertEquals(own === kept, false, "no session was asked for");
    } finally {
      await deno(join(ROOT, "main.ts"), "close");
      await fleet.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("openFleet() refuses to keep hosts for a time that makes no sense", async () => {
  for (const keepMs of [0, -1, 1.5]) {
    await assertRejects(
      () => openFleet({ hosts: [], session: { keepMs } }),
      RangeError,
      `Cannot keep hosts open for ${keepMs} ms: it is not a whole number above 0`,
    );
  }
});
