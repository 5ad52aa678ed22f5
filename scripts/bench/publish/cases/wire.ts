// What a call of a module sends and receives.
import { Controller } from "../controller.ts";
import { startRelay } from "../../relay.ts";
import { tell } from "../compare_programs.ts";
import type { MeasuredProgram } from "../controller.ts";
import type { Lab } from "../lab.ts";
import type { ResultCase, ResultRow } from "../results.ts";

/** Ansible's `ping` on one host, through a relay that counts bytes. */
export async function wireCase(lab: Lab): Promise<ResultCase> {
  const { fleet } = lab;
  const relay = startRelay(fleet.sshd.port);
  const { name: host } = fleet.hosts[0]!;
  try {
    const line = `[127.0.0.1]:${relay.port} ${fleet.sshd.hostKey}\n`;
    await Deno.writeTextFile(fleet.knownHosts, line, { append: true });
    const place = [
      ...["-e", "ansible_host=127.0.0.1"],
      ...["-e", `ansible_port=${relay.port}`],
    ];
    const ping = (name: string) =>
      lab.ftl(
        name,
        ...["run", "ping", "-M", lab.modules, ...lab.flags],
        ...["-l", host, ...place],
      );
    const ansible = (name: string, isMitogen = false) =>
      lab.ansible(
        { name, isMitogen },
        ...["all", "-i", fleet.inventory, "--limit", host, "-m", "ping"],
        ...place,
      );
    await lab.forget("wire");
    const open = lab.ftl(
      "wire-kept",
      "open",
      ...lab.flags,
      "-l",
      host,
      ...place,
    );
    const sequences: [string, [string, string, MeasuredProgram][]][] = [
      ["ftl", [
        ["ftl, first call", "ftl run ping", ping("wire")],
        ["ftl, later calls", "ftl run ping", ping("wire")],
      ]],
      ["ftl", [
        ["", "", open],
        ["", "", ping("wire-kept")],
        ["ftl, session open", "ftl run ping", ping("wire-kept")],
      ]],
      ["Ansible", [
        ["Ansible", "ansible HOST -m ping", await ansible("wire-ansible")],
        [
          "Ansible, connection open",
          "ansible HOST -m ping",
          await ansible("wire-ansible"),
        ],
      ]],
      ...lab.strategies === undefined ? [] : [[
        "Mitogen",
        [[
          "Mitogen",
          "ansible HOST -m ping (mitogen_linear)",
          await ansible("wire-mitogen", true),
        ]],
      ] as [string, [string, string, MeasuredProgram][]]],
    ];
    const rows: ResultRow[] = [];
    for (const [, sequence] of sequences) {
      await using controller = new Controller(fleet.sshd.pid);
      for (const [program, command, measured] of sequence) {
        const before = relay.bytes;
        await controller.run(measured);
        if (program === "") continue;
        const values = { wire_bytes: relay.bytes - before };
        tell(`    ${program}: ${JSON.stringify(values)}\n`);
        rows.push({ program, command, values });
      }
    }
    return {
      id: "wire",
      title: "The bytes of a call of a module, on one host",
      about: "Ansible's `ping`; TCP payload in both directions, with the " +
        "login and what a call leaves for later ones.",
      quantities: ["wire_bytes"],
      rows,
    };
  } finally {
    relay.close();
  }
}
