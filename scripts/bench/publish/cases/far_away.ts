// One call on one host that is 100 ms away.
import { join } from "@std/path";
import { startLatencyProxy } from "../../simulated/start_simulated.ts";
import { comparePrograms, type Contender } from "../compare_programs.ts";
import type { Controller } from "../controller.ts";
import type { Lab } from "../lab.ts";
import type { ResultCase } from "../results.ts";

const ROUND_TRIP_MS = 100;

/** A command and a module, by all that can keep a connection and all that cannot. */
export async function farCase(lab: Lab): Promise<ResultCase> {
  const { fleet, sizes } = lab;
  const proxy = await startLatencyProxy(fleet.sshd.port, ROUND_TRIP_MS);
  try {
    const { address, name: host } = fleet.hosts[0]!;
    const line = `[${address}]:${proxy.port} ${fleet.sshd.hostKey}\n`;
    await Deno.writeTextFile(fleet.knownHosts, line, { append: true });
    const flags = [
      ...lab.flags,
      ...["-l", host, "-e", `ansible_port=${proxy.port}`],
    ];
    const socket = join(lab.folder, "master");
    const ssh = (...options: string[]) => ({
      argv: ["ssh", ...options, ...lab.sshOptions(proxy.port), address, "true"],
    });
    const kept = ssh(
      "-o",
      "ControlMaster=auto",
      "-o",
      `ControlPath=${socket}`,
      "-o",
      "ControlPersist=300",
    );
    const exec = (name: string) =>
      lab.ftl(name, "exec", ...flags, "--", "true");
    const run = (name: string) =>
      lab.ftl(name, "run", "ping", "-M", lab.modules, ...flags);
    const open = async (controller: Controller, name: string) => {
      await controller.run(lab.ftl(name, "open", ...flags));
      await controller.run(run(name));
    };
    const ansible = (name: string, options: { pipelines?: boolean } = {}) =>
      lab.ansible(
        { name, ...options },
        ...["all", "-i", fleet.inventory, "--limit", host, "-m", "ping"],
        ...["-e", `ansible_port=${proxy.port}`],
      );
    const ansibleKept = await ansible("far-ansible-kept");
    const ansibleCopies = await ansible("far-ansible-copies", {
      pipelines: false,
    });
    const contenders: Contender[] = [
      { program: "ssh", command: "ssh HOST true", ...ssh() },
      {
        program: "ssh, connection open",
        command: "ssh HOST true (ControlPersist)",
        ...kept,
        prepare: (controller) => controller.run(kept),
      },
      {
        program: "ftl exec",
        command: "ftl exec -- true",
        ...exec("far"),
        prepare: (controller) => controller.run(exec("far")),
      },
      {
        program: "ftl exec, session open",
        command: "ftl exec -- true",
        ...exec("far-kept"),
        prepare: (controller) => open(controller, "far-kept"),
      },
      {
        program: "ftl run",
        command: "ftl run ping",
        ...run("far-run"),
        prepare: (controller) => controller.run(run("far-run")),
      },
      {
        program: "ftl run, session open",
        command: "ftl run ping",
        ...run("far-run-kept"),
        prepare: (controller) => open(controller, "far-run-kept"),
      },
      {
        program: "Ansible",
        command: "ansible HOST -m ping",
        ...await ansible("far-ansible"),
        reset: (controller) => controller.endAll(),
      },
      {
        program: "Ansible, connection open",
        command: "ansible HOST -m ping",
        ...ansibleKept,
        prepare: (controller) => controller.run(ansibleKept),
      },
      {
        program: "the same, no pipelining",
        command: "ansible HOST -m ping",
        ...ansibleCopies,
        prepare: (controller) => controller.run(ansibleCopies),
      },
    ];
    return {
      id: "far",
      title: `One call on a host that is ${ROUND_TRIP_MS} ms away`,
      about: "On a host that each tool has reached before. A proxy delays " +
        "all bytes, but not the TCP handshake. Without pipelining, which is " +
        "its default, Ansible copies each module to the host first.",
      quantities: ["wall_ms", "cpu_ms"],
      rows: await comparePrograms(contenders, {
        rounds: 2 * sizes.rounds - 1,
        hosts: fleet.sshd.pid,
      }),
    };
  } finally {
    await proxy.stop();
  }
}
