// `deno task picture:report`: runs a module on thirty hosts of a real OpenSSH
// server, writes the report, and draws it as docs/report.png.
import { fromFileUrl, join } from "@std/path";
import { createAccount, mainCommand } from "../../tests/support/ftl.ts";
import { startOpensshFleet } from "../../tests/support/openssh_fleet.ts";
import { takeNoArguments } from "../run_program.ts";

const USAGE = `Usage: deno task picture:report

Draws the report of the README as docs/report.png, with chromium.`;
const PICTURE = fromFileUrl(new URL("../../docs/report.png", import.meta.url));
const COMMAND =
  "cat ~/health; grep -q ok ~/health; r=$?; sleep 0.$(($$ % 9));" +
  " exit $r";

async function main(): Promise<void> {
  const fleet = await startOpensshFleet({ hosts: 30 });
  try {
    await using account = await createAccount();
    const { home } = account;
    for (const [i, host] of fleet.hosts.entries()) {
      const health = i % 11 === 6 ? "disk: 97% full\n" : "disk: ok\n";
      await Deno.writeTextFile(join(host.home, "health"), health);
    }
    const { sshd } = fleet;
    const lines = fleet.hosts.map(({ address }, i) =>
      `web${String(i + 1).padStart(2, "0")} ansible_host=${address}` +
      (i === 20 ? " ansible_port=9" : "")
    );
    const inventory = join(home, "hosts.ini");
    await Deno.writeTextFile(
      inventory,
      [
        "[web]",
        ...lines,
        "[all:vars]",
        `ansible_port=${sshd.port}`,
        `ansible_user=${sshd.user}`,
        `ansible_ssh_private_key_file=${sshd.identityFile}`,
        "",
      ].join("\n"),
    );
    const report = join(home, "report.html");
    const { command, env } = mainCommand(home);
    await run([
      ...command,
      "exec",
      "-i",
      inventory,
      "--known-hosts",
      fleet.knownHosts,
      "--report",
      report,
      "--",
      COMMAND,
    ], { ...env, HOME: home });
    await run([
      "chromium",
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--no-first-run",
      `--user-data-dir=${join(home, "profile")}`,
      "--window-size=1000,900",
      `--screenshot=${PICTURE}`,
      `file://${report}`,
    ]);
  } finally {
    await fleet.stop();
  }
}

async function run(
  [program, ...args]: string[],
  env: Record<string, string> = {},
): Promise<void> {
  const { stderr } = await new Deno.Command(program!, {
    args,
    env,
    stdout: "null",
    stderr: "piped",
  }).output();
  await Deno.stderr.write(stderr);
}

if (import.meta.main) {
  takeNoArguments(USAGE);
  await main();
}
