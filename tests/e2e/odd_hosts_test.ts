// All odd hosts in one run: each gets one result that names the cause, the others
// are not affected, and nothing is left on them.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount, parseLines } from "../support/ftl.ts";
import { ACCOUNTS, type OddAccount } from "../support/odd_hosts/accounts.ts";
import {
  machineOf,
  type OddHosts,
  oddHostsLack,
  oddHostsNeed,
  possibleAccounts,
  processesOf,
  startOddHosts,
  userOf,
} from "../support/odd_hosts/odd_hosts.ts";
import { startOddServers } from "../support/odd_hosts/odd_servers.ts";

/** Also test OpenSSH's client. */
const isThorough = Deno.env.get("FTL_TEST_FLEET") === "all";

const MODULE = `import os

def main(word="nothing"):
    return {"word": word}
`;

// deno-lint-ignore no-explicit-any -- the test checks documented members
type Result = any;

Deno.test({
  name:
    `every odd host has exactly one result, and nothing is left on it${oddHostsNeed.suffix}${oddHostsLack}`,
  ignore: oddHostsNeed.ignore,
  fn: async (t) => {
    await using account = await createAccount();
    const accounts = possibleAccounts();
    await using odd = await startOddHosts(accounts);
    await using wires = await startOddServers(odd);
    const modules = join(account.home, "modules");
    await Deno.mkdir(modules);
    await Deno.writeTextFile(join(modules, "say.py"), MODULE);
    const ftl = async (verb: string, ...rest: string[]) => {
      const { stdout, stderr, code } = await account.ftl([
        ...[verb, ...odd.flags, "-i", wires.inventory, "--format", "ndjson"],
        ...[...rest],
      ]);
      const results = parseLines(stdout)
        .filter(({ event }) => event === "result");
      const expected = [...accounts, ...wires.servers].map(({ name }) => name);
      assertEquals(
        results.map(({ host }: Result) => host).toSorted(),
        expected.toSorted(),
        stderr,
      );
      assertEquals(code, 3);
      return new Map<string, Result>(
        results.map((result: Result) => [result.host, result]),
      );
    };
    const judge = async (
      how: string,
      results: ReadonlyMap<string, Result>,
      why: (account: OddAccount) => RegExp | undefined,
      isRight: (result: Result) => void,
    ) => {
      for (const host of accounts) {
        await t.step(`${host.name}, ${how}`, () => {
          const result = results.get(host.name);
          const reason = why(host);
          if (reason === undefined) return isRight(result);
          assertMatch(
            `${result.error?.message}\n${result.error?.hint}`,
            reason,
          );
          assertEquals(result.status, "unreachable");
        });
      }
      for (const server of wires.servers) {
        await t.step(`${server.name}, ${how}`, () => {
          const { error, status } = results.get(server.name);
          assertEquals(status, "unreachable");
          assertMatch(error.message, server.says);
        });
      }
    };
    const say = ["-M", modules, "say", "word=hello"];
    const [run, exec] = await Promise.all([
      ftl("run", ...say),
      ftl("exec", "--", "echo hello"),
    ]);
    await judge(
      "a module",
      run,
      ({ noGate }) => noGate,
      ({ status, result, error }) => {
        assertEquals([status, error], ["ok", null]);
        assertEquals(result.word, "hello");
      },
    );
    await judge(
      "a command",
      exec,
      ({ noCommand }) => noCommand,
      ({ status, result, error }) => {
        assertEquals([status, error], ["ok", null]);
        assertEquals(result, { rc: 0, stdout: "hello\n", stderr: "" });
      },
    );
    if (isThorough) {
      await judge(
        "a module, with OpenSSH's client",
        await ftl("run", "-c", "openssh", ...say),
        ({ noGate }) => noGate,
        ({ status }) => assertEquals(status, "ok"),
      );
    }
    await t.step("no process of ftl remains on the hosts", async () => {
      // Programs of login files are not ended.
      const left = async () =>
        (await processesOf(odd.etc))
          .filter(({ home }) => !home.endsWith("/stuck-login"));
      const until = Date.now() + 30_000;
      while ((await left()).length > 0 && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      assertEquals(await left(), []);
    });
    await t.step("only gate folders remain on disk", async () => {
      for (const account of accounts) {
        const left = await filesOf(odd, account);
        const ours = left.filter((path) => !path.startsWith(".config/fish"));
        assert(ours.every((path) => /^(\.ftl|ftl-\d+)$/.test(path)), `${ours}`);
      }
    });
  },
});

Deno.test("docs/hosts.md has a row for every odd host", async () => {
  const docs = new URL("../../docs/hosts.md", import.meta.url);
  const text = await Deno.readTextFile(docs);
  for (const { oddity, name } of ACCOUNTS) {
    if (name === "good") continue;
    assert(text.includes(`| ${oddity} `), `There is no row for ${oddity}`);
  }
});

/** The new files in a home and in temporary folders. */
async function filesOf(
  odd: OddHosts,
  account: OddAccount,
): Promise<string[]> {
  const user = userOf(account);
  const home = join(odd.etc.files, "../home", user);
  const known = [
    ...[".bashrc", ".profile", ".bash_logout", ".ssh", "fill"],
    ...[".cshrc", ".kshrc", ".mkshrc", ".tcshrc", ".zshrc", ".yashrc"],
    ...[".local", ".config", ".cache"],
    ...Object.keys(account.files ?? {}),
  ];
  const script = `ls -A ${home} 2>/dev/null || :; uid=$(id -u ${user}); ` +
    "find /tmp /var/tmp -maxdepth 1 -user $uid -printf '%f\\n'";
  const names = (await odd.run(machineOf(account), script)).split("\n");
  return names.filter((name) => name !== "" && !known.includes(name));
}
