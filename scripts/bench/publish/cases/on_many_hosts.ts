// The same work on many hosts: a command, a module that they have never run, the
// same module again, and many calls in one program.
import { join } from "@std/path";
import { compareOnHosts, type Contender } from "../compare_programs.ts";
import type { Controller } from "../controller.ts";
import type { Lab } from "../lab.ts";
import type { ResultCase } from "../results.ts";

const endAll = (controller: Controller) => controller.endAll();

/** `true` on all hosts. */
export async function commandCase(lab: Lab): Promise<ResultCase> {
  const { fleet, sizes, flags } = lab;
  const addresses = fleet.hosts.map(({ address }) => address);
  const options = lab.sshOptions();
  const exec = (name: string) => lab.ftl(name, "exec", ...flags, "--", "true");
  const width = String(sizes.hosts);
  const words = options.join(" ");
  const contenders: Contender[] = [
    {
      program: "ftl",
      command: "ftl exec -- true",
      ...exec("command"),
      prepare: (controller) => controller.run(exec("command")),
    },
    {
      program: "ftl, session open",
      command: "ftl exec -- true",
      ...exec("command-kept"),
      prepare: (controller) =>
        controller.run(lab.ftl("command-kept", "open", ...flags)),
    },
    {
      program: "clush",
      command: `clush -f ${width} -w HOSTS true`,
      argv: [
        ...["clush", "-S", "-q", "-f", width, "-t", "180"],
        ...["-o", words, "-w", addresses.join(","), "true"],
      ],
    },
    {
      program: "pssh",
      command: `parallel-ssh -p ${width} -H HOSTS true`,
      argv: [
        ...["parallel-ssh", "-p", width, "-t", "180", "-x", words],
        ...["-H", addresses.join(" "), "true"],
      ],
    },
    {
      program: "ssh, all at once",
      command: `xargs -P ${width} -I HOST ssh HOST true`,
      argv: [
        ...["bash", "-c"],
        `printf '%s\\n' ${addresses.join(" ")} | ` +
        `xargs -P ${width} -I HOST ssh ${words} HOST true`,
      ],
    },
    {
      program: "Ansible",
      command: "ansible all -m raw -a true",
      ...await lab.ansible(
        { name: "command-ansible" },
        ...["all", "-i", fleet.inventory, "-m", "raw", "-a", "true"],
      ),
      reset: endAll,
    },
  ];
  return await compareOnHosts(lab, {
    id: "command",
    title: `A shell command on ${sizes.hosts} hosts`,
    about: "`true`, on hosts that each tool has reached before. Only the " +
      "second line uses connections that were open already.",
  }, contenders);
}

/** Ansible's `ping` for the first time. */
export async function firstCase(lab: Lab): Promise<ResultCase> {
  const { sizes } = lab;
  const contenders: Contender[] = [
    {
      program: "ftl",
      command: "ftl run ping",
      ...ping(lab, "first"),
      before: () => lab.forget("first"),
    },
    await ansiblePing(lab, "first-ansible", { reset: endAll }),
    ...lab.strategies === undefined
      ? []
      : [await mitogenPing(lab, "first-mitogen")],
  ];
  return await compareOnHosts(lab, {
    id: "first",
    title: `A first call of a module on ${sizes.hosts} hosts`,
    about: "Ansible's `ping`. Nothing of ftl is on the hosts or here: it " +
      "builds its gate, sends it, and the hosts compile it.",
  }, contenders);
}

/** Ansible's `ping` by a second program. */
export async function againCase(lab: Lab): Promise<ResultCase> {
  const { sizes, flags } = lab;
  const once = ping(lab, "again");
  const ansible = await ansiblePing(lab, "again-ansible");
  const contenders: Contender[] = [
    {
      program: "ftl",
      command: "ftl run ping",
      ...once,
      prepare: (controller) => controller.run(once),
    },
    {
      program: "ftl, session open",
      command: "ftl run ping",
      ...ping(lab, "again-kept"),
      prepare: async (controller) => {
        await controller.run(lab.ftl("again-kept", "open", ...flags));
        await controller.run(ping(lab, "again-kept"));
      },
    },
    {
      ...ansible,
      program: "Ansible, connections open",
      prepare: (controller) => controller.run(ansible),
    },
  ];
  return await compareOnHosts(lab, {
    id: "again",
    title: `The same call again, on ${sizes.hosts} hosts`,
    about: "Ansible's `ping` by a new program, on hosts that have run it. " +
      "Ansible uses the connections that it keeps for a minute " +
      "(ControlPersist). Mitogen keeps none: it takes as long as before.",
  }, contenders);
}

/** Many calls by one program. */
export async function callsCase(lab: Lab): Promise<ResultCase> {
  const { fleet, folder, sizes, flags } = lab;
  const few = `fleet[0:${sizes.few - 1}]`;
  const lines = join(folder, "lines");
  await Deno.writeTextFile(lines, "ping\n".repeat(sizes.calls));
  const playbook = join(folder, "play.yml");
  await Deno.writeTextFile(
    playbook,
    "- hosts: all\n  gather_facts: false\n  tasks:\n" +
      "    - ping:\n".repeat(sizes.calls),
  );
  const console = lab.ftl(
    "calls",
    ...["console", few, "--script", lines, "-M", lab.modules],
    ...["--format", "json", ...flags],
  );
  const play = (name: string, isMitogen = false) =>
    lab.ansible(
      { name, isMitogen, program: "ansible-playbook" },
      ...["-i", fleet.inventory, "--limit", few, playbook],
    );
  const command = "ansible-playbook play.yml";
  const contenders: Contender[] = [
    {
      program: "ftl",
      command: "ftl console --script LINES",
      ...console,
      prepare: (controller) => controller.run(console),
    },
    {
      program: "Ansible",
      command,
      ...await play("calls-ansible"),
      reset: endAll,
    },
    ...lab.strategies === undefined ? [] : [{
      program: "Mitogen",
      command: `${command} (mitogen_linear)`,
      ...await play("calls-mitogen", true),
    }],
  ];
  return await compareOnHosts(lab, {
    id: "calls",
    title: `${sizes.calls} calls, one after the other, on ${sizes.few} hosts`,
    about: "Ansible's `ping`, by one program that connects once: a script of " +
      "ftl's console, and a playbook.",
  }, contenders);
}

function ping(lab: Lab, name: string) {
  return lab.ftl(name, "run", "ping", "-M", lab.modules, ...lab.flags);
}

async function ansiblePing(
  lab: Lab,
  name: string,
  more: Pick<Contender, "reset"> = {},
): Promise<Contender> {
  const words = ["all", "-i", lab.fleet.inventory, "-m", "ping"];
  return {
    program: "Ansible",
    command: "ansible all -m ping",
    ...await lab.ansible({ name }, ...words),
    ...more,
  };
}

async function mitogenPing(lab: Lab, name: string): Promise<Contender> {
  const words = ["all", "-i", lab.fleet.inventory, "-m", "ping"];
  return {
    program: "Mitogen",
    command: "ansible all -m ping (mitogen_linear)",
    ...await lab.ansible({ name, isMitogen: true }, ...words),
  };
}
