// `deno task picture`: types a session into the console on thirty hosts of a real
// OpenSSH server, and writes the screen to docs/console.svg and, as text, to
// docs/console.txt.
import { fromFileUrl, join } from "@std/path";
import { needAnsible } from "../../tests/support/ansible.ts";
import { createAccount, mainCommand } from "../../tests/support/ftl.ts";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { Screen } from "../../tests/support/tmux.ts";
import { drawScreen } from "./svg.ts";
import { takeNoArguments } from "../run_program.ts";

const USAGE = `Usage: deno task picture

Records the session of the README as docs/console.svg and docs/console.txt.`;
const COLUMNS = 84;
const ROWS = 60;
const PICTURE = fromFileUrl(new URL("../../docs/console", import.meta.url));
const TITLE = "A session of the ftl console on 30 hosts: calls of modules, a " +
  "host that failed, completion of a choice, ^C, a host that was lost and " +
  "opened again";

/** An inventory with `web01` to `web28`, `db1` and `db2` for the fleet's hosts. */
function inventoryText({ hosts, sshd }: OpensshFleet): string {
  const line = (name: string, i: number) =>
    `${name} ansible_host=${hosts[i]!.address}`;
  const web = hosts.slice(0, 28)
    .map((_, i) => line(`web${String(i + 1).padStart(2, "0")}`, i));
  return [
    "[web]",
    ...web,
    "[db]",
    line("db1", 28),
    line("db2", 29),
    "[all:vars]",
    `ansible_port=${sshd.port}`,
    `ansible_user=${sshd.user}`,
    `ansible_ssh_private_key_file=${sshd.identityFile}`,
    "",
  ].join("\n");
}

async function main(): Promise<void> {
  const fleet = await startOpensshFleet({ hosts: 30 });
  try {
    await using account = await createAccount();
    const { home } = account;
    const { command, env } = mainCommand(home);
    await Deno.mkdir(join(home, "bin"));
    await Deno.writeTextFile(
      join(home, "bin/ftl"),
      `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`,
      { mode: 0o700 },
    );
    await Deno.writeTextFile(join(home, "hosts.ini"), inventoryText(fleet));
    for (const [i, host] of fleet.hosts.entries()) {
      const health = i === 6 ? "disk: 97% full\n" : "disk: ok\n";
      await Deno.writeTextFile(join(host.home, "health"), health);
    }
    await using screen = await Screen.open({
      command: ["sh", "-i"],
      env: {
        ...env,
        PATH: `${home}/bin:${env.PATH}`,
        LANG: "C.UTF-8",
        FTL_KNOWN_HOSTS: fleet.knownHosts,
        FTL_MODULE_DIR: needAnsible().modules,
        HOME: home,
      },
      columns: COLUMNS,
      rows: ROWS,
    });
    await play(screen, fleet, home);
    const rows = (await screen.styledText()).split("\n");
    const first = rows.findLastIndex((row) => row.includes("ftl console"));
    await Deno.writeTextFile(
      `${PICTURE}.svg`,
      drawScreen({ rows: rows.slice(first), columns: COLUMNS, title: TITLE }),
    );
    const lines = (await screen.text()).split("\n").slice(first);
    await Deno.writeTextFile(`${PICTURE}.txt`, lines.join("\n") + "\n");
  } finally {
    await fleet.stop();
  }
}

async function play(
  screen: Screen,
  fleet: OpensshFleet,
  home: string,
): Promise<void> {
  await screen.see(/^[#$]/m);
  await screen.type(`cd ${home}; PS1='$ '; clear`);
  await screen.see(/^\$$/m);
  // Not in the picture: the hosts already have these modules.
  await screen.type(
    "printf 'ping\\nlineinfile path=/etc/x line=x create=true\\n' | ftl console -i hosts.ini; clear",
  );
  await screen.see(/^\$$/m);
  await screen.type("ftl console -i hosts.ini");
  await screen.see(/^all 30\/30>$/m);
  await screen.type("ping");
  await screen.see(/pong\n30 hosts: 30 ok.*\nall 30\/30>$/);
  await screen.type("!cat ~/health; grep -q ok ~/health");
  await screen.see(/1 failed in .*\nall 30\/30>$/);
  await screen.type(":failed");
  await screen.see(/1 host: 1 failed in .*\nall 30\/30>$/);
  await screen.type(":check on");
  await screen.type(":diff on");
  await screen.see(/30\/30 check diff>$/);
  await screen.keys(
    "linei",
    "Tab",
    "path=/etc/motd line='Be kind' sta",
  );
  await screen.see(/lineinfile path=.*sta$/);
  await screen.keys("Tab");
  await screen.see(/state=$/);
  await screen.keys("Tab");
  await screen.see(/absent +present\n\n.*state=$/);
  await screen.keys("pr", "Tab", "Enter");
  await screen.see(/30 changed in .*\nall 30\/30 check diff>$/);
  await screen.type(":check off");
  await screen.see(/30\/30 diff>$/);
  await screen.type("!sleep 600");
  await screen.see(/waiting for/);
  await screen.keys("C-c");
  await screen.see(/30 cancelled in .*\nall 30\/30 diff>$/);
  const processes = await fleet.processes();
  const gate = processes.find(({ home, command }) =>
    home === fleet.hosts[11]!.home && /python/.test(command)
  );
  Deno.kill(gate!.pid, "SIGKILL");
  await screen.see(/web12: Lost the gate.*\nall 29\/30 diff>$/);
  await screen.type("ping");
  await screen.see(/pong\n30 hosts: 30 ok.*\nall 30\/30 diff>$/);
  await screen.type(":gates");
  await screen.see(/STATE\n[^]*all 30\/30 diff>$/);
}

if (import.meta.main) {
  takeNoArguments(USAGE);
  await main();
}
