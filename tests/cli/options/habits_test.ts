import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { hintForOption } from "../../../src/cli/options/habits.ts";
import { needAnsible } from "../../support/ansible.ts";
import { createAccount } from "../../support/ftl.ts";

const ansible = needAnsible();

Deno.test("command lines of ansible, pdsh and clush get the hint that fits", async () => {
  await using account = await createAccount();
  const hosts = join(account.home, "hosts.ini");
  await Deno.writeTextFile(hosts, "[web]\nweb1\n");
  const cases: [string, string][] = [
    ["ping", "ftl run ping"],
    ["uptime", "ftl exec -- uptime"],
    ["all --list-hosts", "ftl inventory list all"],
    ["--list-hosts all", "ftl inventory list"],
    ["shell uptime", "ftl exec -- COMMAND"],
    ["version", "ftl --version"],
    ["-v", "--version"],
    ["web -m ping", "ftl run ping -l web"],
    ["web -a uptime", "ftl exec -l web -- COMMAND"],
    ["run web -m ping", "use -l web"],
    ["run ping web", "use -l web"],
    ["run ping -f 20", "--fanout 20"],
    ["run ping --forks 20", "--fanout N"],
    ["run ping --sudo", "use -b"],
    ["exec -w web -- id", "use -l"],
    ["exec -M modules -- id", "runs none"],
    ["exec -g web -- id", "use -l GROUP"],
    ["exec -B -- id", "ftl run shell -B"],
    ["exec -bw web -- id", "use -l"],
    ["run ping -o", "--format table"],
    ["run ping -t out", "--output DIR"],
    ["exec -a uptime", "after --"],
  ];
  for (const [line, hint] of cases) {
    const words = line.split(" ");
    const inventory = words.length > 1 && !line.startsWith("-")
      ? ["-i", hosts]
      : [];
    const [first = "", ...rest] = words;
    const { code, stderr } = await account.ftl([first, ...inventory, ...rest]);
    assertEquals(code, 2, line);
    assertStringIncludes(stderr, hint, line);
  }
});

Deno.test({
  name: `each option of ansible is one of run, or has a hint${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: async () => {
    await using account = await createAccount();
    const own = (await account.ftl(["run", "--help"])).stdout;
    const { stdout } = await new Deno.Command("ansible", { args: ["--help"] })
      .output();
    const theirs = new TextDecoder().decode(stdout).match(/--[a-z][a-z-]+/g);
    const strange = [...new Set(theirs)].filter((option) =>
      option !== "--version" &&
      !new RegExp(`${option}\\b(?!-)`).test(own) &&
      hintForOption(option, "run") === undefined
    );
    assertEquals(strange, []);
  },
});
