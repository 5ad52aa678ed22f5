import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../../support/ftl.ts";

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
