// Copies files to and from hosts with ftl and with common tools: one large file with
// one host, and a thousand small ones with twenty (one OpenSSH server on loopback,
// same cores; ftl as a binary). FTL_BENCH_MIB is the size of the large file,
// FTL_BENCH_FILES the number of small ones, FTL_BENCH_ROUNDS the number of rounds.
// FTL_BENCH_ANSIBLE_SMALL adds Ansible's copy of small files, over ten minutes.
import { join } from "@std/path";
import { needAnsible } from "../../tests/support/ansible.ts";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../tests/support/openssh_fleet.ts";
import { type Bench, type Row, withFolder } from "./bench.ts";
import { bundleOf, pack } from "./packed.ts";

const HOSTS = 20;
const FILES = Number(Deno.env.get("FTL_BENCH_FILES") ?? 1_000);
const MIB = Number(Deno.env.get("FTL_BENCH_MIB") ?? 512);
const ROUNDS = Number(Deno.env.get("FTL_BENCH_ROUNDS") ?? (MIB > 256 ? 1 : 3));
/** The least throughput as a fraction of `ssh host 'cat > file'`. */
const BUDGET = 0.7;

/** The cost of one run of a program. */
interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMib: number;
}

/** Push and fetch, compared with ssh, scp, sftp and Ansible. */
export const files: Bench = () =>
  withFolder(async (folder): Promise<Row[]> => {
    const fleet = await startOpensshFleet({ hosts: HOSTS, maxStartups: "200" });
    try {
      const { paths, env } = await pack(
        { ftl: await bundleOf("main.ts") },
        folder,
      );
      const lab = { folder, fleet, mib: MIB, ftl: paths.ftl, env };
      return [...await largeRows(lab), ...await smallRows(lab)];
    } finally {
      await fleet.stop();
    }
  });

interface Lab {
  readonly folder: string;
  readonly fleet: OpensshFleet;
  readonly mib: number;
  /** The binary. */
  readonly ftl: string;
  readonly env: Record<string, string>;
}

async function largeRows(
  { folder, fleet, mib, ftl, env }: Lab,
): Promise<Row[]> {
  const src = join(folder, "large");
  await writeNoise(src, mib);
  const there = join(folder, "there");
  const here = join(folder, "here");
  const [host] = fleet.hosts;
  const words = sshArguments(fleet);
  const target = `${fleet.sshd.user}@${host!.address}`;
  const ssh = `ssh ${words} -p ${fleet.sshd.port} ${target}`;
  const on = ["-l", host!.name, ...fleet.flags];
  const up = {
    "ssh 'cat > file'": sh(`${ssh} 'cat >${there}' <${src}`),
    "ftl push": [ftl, "push", src, there, ...on],
    "ftl push -c openssh": [ftl, "push", src, there, ...on, "-c", "openssh"],
    scp: sh(`scp -q ${words} -P ${fleet.sshd.port} ${src} ${target}:${there}`),
    sftp: sh(
      `echo put ${src} ${there}|sftp -q -b - ${words} -P ${fleet.sshd.port} ${target}`,
    ),
    ...ansible(folder, fleet, {
      hosts: host!.name,
      call: ["copy", `src=${src} dest=${there}`],
    }),
  };
  const down = {
    "ssh 'cat file'": sh(`${ssh} 'cat ${src}' >${here}`),
    "ftl fetch": [ftl, "fetch", src, here, ...on],
    "ftl fetch -c openssh": [ftl, "fetch", src, here, ...on, "-c", "openssh"],
    scp: sh(`scp -q ${words} -P ${fleet.sshd.port} ${target}:${src} ${here}`),
    sftp: sh(
      `echo get ${src} ${here}|sftp -q -b - ${words} -P ${fleet.sshd.port} ${target}`,
    ),
    ...ansible(folder, fleet, {
      hosts: host!.name,
      call: ["fetch", `src=${src} dest=${here}`],
    }),
  };
  const variables = { ...env, FTL_HOME: join(folder, "home") };
  const rows: Row[] = [];
  for (
    const [what, programs] of [["to a host", up], [
      "from a host",
      down,
    ]] as const
  ) {
    const costs = await compare(programs, {
      variables,
      remove: [there, here],
    });
    const base = Object.values(costs)[0]!;
    for (const [name, cost] of Object.entries(costs)) {
      const hasBudget = name === "ftl push";
      const ratio = base.seconds / cost.seconds;
      rows.push({
        what: `${mib} MiB ${what}: ${name}`,
        figure: `${costText(cost)}, ${(mib / cost.seconds).toFixed(0)} MiB/s`,
        against: cost === base ? "" : `${ratio.toFixed(2)}× of ssh`,
        budget: hasBudget ? `${BUDGET}×` : "",
        met: hasBudget ? ratio >= BUDGET : null,
      });
    }
  }
  return rows;
}

async function smallRows({ folder, fleet, ftl, env }: Lab): Promise<Row[]> {
  const src = join(folder, "small");
  for (let i = 0; i < FILES; i++) {
    const below = join(src, String(i % 20));
    await Deno.mkdir(below, { recursive: true });
    await Deno.writeTextFile(join(below, `${i}.conf`), `setting = ${i}\n`);
  }
  const words = sshArguments(fleet);
  const { port, user } = fleet.sshd;
  const each = (command: (address: string, home: string) => string) =>
    sh(
      fleet.hosts.map(({ address, home }) => `${command(address, home)} &`)
        .join("") + "wait",
    );
  const variables = { ...env, FTL_HOME: join(folder, "home") };
  const programs = {
    "ftl push": [ftl, "push", src, "~", ...fleet.flags],
    "scp -r, all at once": each((address, home) =>
      `scp -q -r ${words} -P ${port} ${src} ${user}@${address}:${home}/`
    ),
    "sftp, all at once": each((address, home) =>
      `echo put -R ${src} ${home}/|sftp -q -b - ${words} -P ${port} ${user}@${address}`
    ),
    ...(Deno.env.get("FTL_BENCH_ANSIBLE_SMALL")
      ? ansible(folder, fleet, {
        hosts: "all",
        call: ["copy", `src=${src} dest=~/`],
      })
      : {}),
  };
  const remove = fleet.hosts.map((host) => join(host.home, "small"));
  const costs = await compare(programs, { variables, remove });
  const again = await compare({ "ftl push, again": programs["ftl push"] }, {
    variables,
    remove: [],
  });
  return Object.entries({ ...costs, ...again }).map(([name, cost]) => ({
    what: `${FILES} files to ${HOSTS} hosts: ${name}`,
    figure: costText(cost),
    against: "",
    budget: "",
    met: null,
  }));
}

function costText({ seconds, cpuSeconds, rssMib }: Cost): string {
  return `${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, ` +
    `${rssMib.toFixed(0)} MiB`;
}

function tell(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

function sh(command: string): string[] {
  return ["/bin/bash", "-c", command];
}

function sshArguments({ sshd, knownHosts }: OpensshFleet): string {
  return `-F none -o UserKnownHostsFile=${knownHosts} -i ${sshd.identityFile}`;
}

/** Ansible's ad-hoc command, where it is installed. */
function ansible(
  folder: string,
  fleet: OpensshFleet,
  { hosts, call }: { hosts: string; call: readonly [string, string] },
): Record<string, string[]> {
  if (needAnsible().ignore) return {};
  const ssh = `-F none -o UserKnownHostsFile=${fleet.knownHosts}`;
  return {
    [`ansible -m ${call[0]}`]: [
      "env",
      `ANSIBLE_HOME=${join(folder, "ansible")}`,
      "ANSIBLE_PIPELINING=1",
      "ansible",
      ...[hosts, "-i", fleet.inventory, "-f", String(HOSTS)],
      ...["-e", "ansible_python_interpreter=/usr/bin/python3"],
      ...["--ssh-common-args", ssh, "-m", call[0], "-a", call[1]],
    ],
  };
}

/** The medians of programs that run in turns. */
async function compare(
  programs: Readonly<Record<string, readonly string[]>>,
  { variables, remove }: {
    variables: Record<string, string>;
    remove: readonly string[];
  },
): Promise<Record<string, Cost>> {
  const costs = new Map<string, Cost[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, argv] of Object.entries(programs)) {
      for (const path of remove) {
        await Deno.remove(path, { recursive: true }).catch(() => {});
      }
      const all = costs.get(name) ?? [];
      costs.set(name, all);
      const cost = await costOf(argv, variables);
      all.push(cost);
      tell(`  ${name}: ${costText(cost)}\n`);
    }
  }
  const middle = (values: number[]) =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  return Object.fromEntries(
    [...costs].map(([name, all]) => [name, {
      seconds: middle(all.map((cost) => cost.seconds)),
      cpuSeconds: middle(all.map((cost) => cost.cpuSeconds)),
      rssMib: middle(all.map((cost) => cost.rssMib)),
    }]),
  );
}

/** Runs a program; measures its time, CPU time and peak memory. */
async function costOf(
  argv: readonly string[],
  variables: Record<string, string>,
): Promise<Cost> {
  const script = "import os,resource,subprocess,sys,time;a=time.time();" +
    "r=subprocess.run(sys.argv[1:],stdin=subprocess.DEVNULL,stdout=2);" +
    "u=resource.getrusage(resource.RUSAGE_CHILDREN);" +
    "print(time.time()-a,u.ru_utime+u.ru_stime,u.ru_maxrss/1024);" +
    "sys.exit(r.returncode)";
  const { success, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", script, ...argv],
    env: { ...variables, NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  if (!success) {
    throw new Error(`Cannot measure ${argv.join(" ")}: ${text.decode(stderr)}`);
  }
  const [seconds, cpuSeconds, rssMib] = text.decode(stdout).trim().split(" ")
    .map(Number);
  return { seconds: seconds!, cpuSeconds: cpuSeconds!, rssMib: rssMib! };
}

/** Writes a file that does not compress. */
async function writeNoise(path: string, mib: number): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true });
  const noise = new Uint8Array(1024 * 1024);
  for (let at = 0; at < noise.length; at += 65_536) {
    crypto.getRandomValues(noise.subarray(at, at + 65_536));
  }
  const writer = file.writable.getWriter();
  for (let i = 0; i < mib; i++) await writer.write(noise);
  await writer.close();
}
