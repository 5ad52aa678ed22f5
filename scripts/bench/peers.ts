// Runs Ansible's `ping` twenty times on ten hosts with whole programs: ftl with one
// open fleet, Ansible with pipelining and persistent connections, and Mitogen inside
// Ansible. They run one after the other, on the same OpenSSH server.
import { dirname, join } from "@std/path";
import { needAnsible } from "../../tests/support/ansible.ts";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { type Bench, ftl, type Row, withFolder } from "./bench.ts";
import { compare, type Program } from "./measure.ts";
import { idleCpuMs } from "./process_cost.ts";

const HOSTS = 10;
const CALLS = 20;
/** Rounds of ftl; the others take a minute each. */
const ROUNDS = 3;
const PEER_ROUNDS = 1;
/** How long Ansible's connections stay open after its end, in seconds. */
const PERSIST = 5;
/** The connect timeout of all, in seconds: a busy machine must not fail. */
const CONNECT = 180;

/** ftl, Ansible and Mitogen. */
export const peers: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const { ignore, modules } = needAnsible();
    if (ignore) return [absent("ansible")];
    const fleet = await startOpensshFleet({ hosts: HOSTS, maxStartups: "200" });
    try {
      const hostCpuMs = () => idleCpuMs(fleet.sshd.pid);
      const strategies = mitogenStrategies(modules);
      const programs = {
        ftl: await throughFtl({ fleet, folder, modules }),
        Ansible: await throughAnsible({ fleet, folder }),
        ...(strategies === undefined ? {} : {
          Mitogen: await throughAnsible({ fleet, folder, strategies }),
        }),
      };
      const rows: Row[] = [];
      for (const [name, program] of Object.entries(programs)) {
        const rounds = name === "ftl" ? ROUNDS : PEER_ROUNDS;
        const row = await rowOf(name, { ...program, hostCpuMs }, rounds);
        printAtOnce(row);
        rows.push(row);
      }
      if (strategies === undefined) rows.push(absent("ansible-mitogen"));
      return rows;
    } finally {
      await fleet.stop();
    }
  });

interface Setting {
  readonly fleet: OpensshFleet;
  readonly folder: string;
}

/** `ftl console --script`, on hosts and with a store that have the gate. */
async function throughFtl(
  { fleet, folder, modules }: Setting & { modules: string },
): Promise<Program> {
  const path = join(folder, "lines");
  await Deno.writeTextFile(path, "ping\n".repeat(CALLS));
  return {
    argv: ftl(
      ...["console", "--script", path, "-M", modules, "--format", "json"],
      ...["--connect-timeout", `${CONNECT}s`, ...fleet.flags],
    ),
    env: { FTL_HOME: join(folder, "ftl") },
  };
}

/** A playbook with one task per call; `strategies`: the folder of Mitogen's. */
async function throughAnsible(
  { fleet, folder, strategies }: Setting & { strategies?: string },
): Promise<Program> {
  const home = join(folder, strategies === undefined ? "ansible" : "mitogen");
  await Deno.mkdir(home);
  const playbook = join(home, "play.yml");
  await Deno.writeTextFile(
    playbook,
    "- hosts: all\n  gather_facts: false\n  tasks:\n" +
      "    - ping:\n".repeat(CALLS),
  );
  await Deno.writeTextFile(
    join(home, "ansible.cfg"),
    [
      "[defaults]",
      "forks = 50",
      `timeout = ${CONNECT}`,
      ...(strategies === undefined
        ? []
        : ["strategy = mitogen_linear", `strategy_plugins = ${strategies}`]),
      "[ssh_connection]",
      "pipelining = True",
      `ssh_args = -F none -o ControlMaster=auto -o ControlPersist=${PERSIST} ` +
      `-o UserKnownHostsFile=${fleet.knownHosts}`,
      "",
    ].join("\n"),
  );
  return {
    argv: [
      ...["ansible-playbook", "-i", fleet.inventory, playbook],
      ...["-e", "ansible_python_interpreter=/usr/bin/python3"],
      // Mitogen reads only this one, and requires a number.
      ...["-e", JSON.stringify({ ansible_timeout: CONNECT })],
    ],
    env: {
      HOME: home,
      ANSIBLE_CONFIG: join(home, "ansible.cfg"),
      LC_ALL: "C.UTF-8",
    },
  };
}

/** The folder of Mitogen's strategies, beside the ansible-core that uses it. */
function mitogenStrategies(modules: string): string | undefined {
  const path = join(
    dirname(dirname(modules)),
    "ansible_mitogen/plugins/strategy",
  );
  try {
    return Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined; // it is not installed
  }
}

/** Measures a program; its failure is a row, and the others still run. */
async function rowOf(
  name: string,
  program: Program,
  rounds: number,
): Promise<Row> {
  const what = `${CALLS} × ping on ${HOSTS} hosts, ${name}`;
  const row = { what, figure: "failed", budget: "", met: null };
  try {
    const { peer } = await compare({ peer: program }, rounds);
    const { wallMs, cpuMs, hostCpuMs } = peer;
    return {
      ...row,
      figure: `${(wallMs / 1000).toFixed(2)} s`,
      against: `CPU: controller ${(cpuMs / 1000).toFixed(2)} s, hosts ${
        (hostCpuMs / 1000).toFixed(2)
      } s with sshd`,
    };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ...row, against: text.trim().split("\n").at(-1)!.slice(0, 100) };
  }
}

/** Prints a row at once, because the table follows minutes later. */
function printAtOnce({ what, figure, against }: Row): void {
  const line = `${what}: ${figure}; ${against}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}

function absent(name: string): Row {
  return {
    what: `${CALLS} × ping on ${HOSTS} hosts`,
    figure: `${name} is absent: skipped`,
    against: "",
    budget: "",
    met: null,
  };
}
