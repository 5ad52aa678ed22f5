// Hosts that are odd, each in a way of its own, on this machine: real servers,
// users, file systems and interpreters, in their own mount namespaces. Needs root,
// and removes everything at the end.
import { join } from "@std/path";
import { needPython } from "../interpreters.ts";
import { findProgram, need } from "../need.ts";
import {
  makePrivateEtc,
  type PrivateEtc,
  privateEtcNeed,
} from "../private_etc.ts";
import { startDropbear } from "./dropbear.ts";
import { type Sshd, sshdNeed, startSshd } from "../sshd.ts";
import {
  ACCOUNTS,
  FAKETIME,
  type Machine,
  type OddAccount,
} from "./accounts.ts";

/** Whether this machine can have odd hosts. */
export const oddHostsNeed = sshdNeed.ignore ? sshdNeed : privateEtcNeed;

const pythons = { "3.6": needPython("3.6"), "2.7": needPython("2.7") };
const programs = ["dropbear", "zsh", "fish", "tcsh", "perl"]
  .map((name) => need(name, findProgram(name)));

const faketimeNeed = need("libfaketime", findFile(FAKETIME));

/** What is absent here, so that a test can say in its name what it skips. */
export const oddHostsLack = [
  ...Object.values(pythons),
  ...programs,
  faketimeNeed,
].map(({ suffix }) => suffix).join("");

/** The accounts that this machine can have. */
export function possibleAccounts(): readonly OddAccount[] {
  return ACCOUNTS.filter(({ python, machine, shell = "", sshd = [] }) =>
    !(python && pythons[python].ignore) &&
    !(faketimeNeed.ignore && sshd.some((line) => line.includes(FAKETIME))) &&
    !(machine === "dropbear" && findProgram("dropbear") === undefined) &&
    !(shell.startsWith("/usr/bin/") && !findProgram(shell.split("/").at(-1)!))
  );
}

/** A server of an odd host. */
export type OddServer = Pick<Sshd, "port" | "hostKey" | "pid" | "stop">;

/** The hosts; they go when it is disposed. */
export interface OddHosts extends AsyncDisposable {
  readonly etc: PrivateEtc;
  /** Options that make a command line reach these hosts and no others. */
  readonly flags: readonly string[];
  readonly servers: ReadonlyMap<Machine, OddServer>;
  readonly inventory: string;
  readonly identityFile: string;
  /** Runs a script as root on a machine; returns its output. */
  run(machine: Machine, script: string): Promise<string>;
}

/** Starts the hosts that a choice of the accounts is on. */
export async function startOddHosts(
  accounts: readonly OddAccount[],
): Promise<OddHosts> {
  const etc = await makePrivateEtc();
  const servers = new Map<Machine, OddServer>();
  const stop = async () => {
    for (const server of servers.values()) await server.stop();
    // Some login files never end, and what they wait for is theirs.
    for (const { pid } of await processesOf(etc)) kill(pid);
    await etc[Symbol.asyncDispose]();
  };
  try {
    const identityFile = join(etc.files, "key");
    await output(
      "ssh-keygen",
      "-q",
      "-t",
      "ed25519",
      "-N",
      "",
      "-f",
      identityFile,
    );
    await addAccounts(etc, { accounts, identityFile });
    for (const machine of new Set(accounts.map(machineOf))) {
      const own = accounts.filter((account) => machineOf(account) === machine);
      servers.set(
        machine,
        await startMachine(etc, { machine, accounts: own, identityFile }),
      );
    }
    const inventory = join(etc.files, "inventory.yml");
    const knownHosts = join(etc.files, "known_hosts");
    await Deno.writeTextFile(
      inventory,
      JSON.stringify({
        odd: {
          vars: {
            ansible_host: "127.0.0.1",
            ansible_ssh_private_key_file: identityFile,
          },
          hosts: Object.fromEntries(accounts.map((account) => [account.name, {
            ansible_user: userOf(account),
            ansible_port: servers.get(machineOf(account))!.port,
            ...account.vars,
          }])),
        },
      }),
    );
    const lines = [...servers.values()]
      .map(({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey}\n`);
    await Deno.writeTextFile(knownHosts, lines.join(""));
    return {
      etc,
      servers,
      inventory,
      identityFile,
      flags: [
        "-i",
        inventory,
        "--known-hosts",
        knownHosts,
        "--ssh-config",
        "none",
      ],
      run: (machine, script) =>
        output(
          "nsenter",
          "-t",
          String(servers.get(machine)!.pid),
          "-m",
          "--",
          "sh",
          "-c",
          script,
        ),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export function userOf({ name, user }: OddAccount): string {
  return user ?? name;
}

export function machineOf({ machine = "plain" }: OddAccount): Machine {
  return machine;
}

async function addAccounts(
  etc: PrivateEtc,
  { accounts, identityFile }: {
    accounts: readonly OddAccount[];
    identityFile: string;
  },
): Promise<void> {
  const publicKey = await Deno.readTextFile(`${identityFile}.pub`);
  const keys = join(etc.files, "keys");
  await Deno.mkdir(keys);
  const seen = new Set<string>();
  for (const account of accounts) {
    const user = userOf(account);
    if (seen.has(user)) continue;
    seen.add(user);
    const { shell = "/bin/bash", files = {}, keyOptions = "" } = account;
    const script = join(etc.files, `shell-${user}`);
    if (shell.includes("\n")) {
      await Deno.writeTextFile(script, shell, { mode: 0o755 });
    }
    const { uid, home } = await etc.addUser(user, {
      shell: shell.includes("\n") ? script : shell,
    });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(home, name), text);
      await Deno.chown(join(home, name), uid, uid);
    }
    await Deno.writeTextFile(join(keys, user), keyOptions + publicKey);
  }
}

function startMachine(
  etc: PrivateEtc,
  { machine, accounts, identityFile }: {
    machine: Machine;
    accounts: readonly OddAccount[];
    identityFile: string;
  },
): Promise<OddServer> {
  const top = join(etc.files, "..");
  const script = [
    // Its own /tmp and /var/tmp, in which only our files are seen.
    "set -e; for last; do :; done; sshd=${last%/*}",
    `mount --rbind ${top} /mnt; mkdir -p /run/keep; mount -t tmpfs tmpfs /opt; mkdir /opt/sshd; mount --bind $sshd /opt/sshd`,
    `mount -t tmpfs -o size=1m,mode=1777 tmpfs /tmp; mkdir -p ${top} $sshd`,
    `mount --rbind /mnt ${top}; mount --bind /opt/sshd $sshd; umount -l /mnt`,
    "mount -t tmpfs -o size=8m,mode=1777 tmpfs /var/tmp",
    "export PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    MACHINES[machine],
    ...accounts.flatMap((account) => {
      const user = userOf(account);
      const { setUp } = account;
      return setUp === undefined
        ? []
        : [`(USER=${user}; HOME=${top}/home/${user}; ${setUp})`];
    }),
    'exec "$@"',
  ].join("\n");
  const wrapper = [...etc.wrapper, "unshare", "-m", "sh", "-c", script, "sh"];
  if (machine === "dropbear") {
    return startDropbear(etc, { wrapper, identityFile });
  }
  return startSshd({
    config: [`AuthorizedKeysFile ${etc.files}/keys/%u`, "MaxStartups 100"],
    matches: [
      ...new Map(accounts.map((account) => [userOf(account), account]))
        .values(),
    ].flatMap((account) =>
      account.sshd === undefined
        ? []
        : [`Match User ${userOf(account)}`, ...account.sshd]
    ),
    wrapper,
  });
}

/** The folder that a Python is installed in; empty when it is absent. */
function prefixOf(version: keyof typeof pythons): string {
  const { path } = pythons[version];
  return path === "" ? "/var/empty" : join(Deno.realPathSync(path), "../..");
}

/** Python programs are there, and the distribution's are not. */
const BARE = `
mkdir /opt/py36 /opt/py27
mount --bind ${prefixOf("3.6")} /opt/py36 || :
mount --bind ${prefixOf("2.7")} /opt/py27 || :
mkdir /opt/layers; mount -t tmpfs tmpfs /opt/layers; mkdir /opt/layers/up /opt/layers/work
mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/opt/layers/up,workdir=/opt/layers/work /usr/bin
rm -f /usr/bin/python*`;

const MACHINES: Readonly<Record<Machine, string>> = {
  plain: ":",
  dropbear: ":",
  full:
    "for d in /tmp /var/tmp; do head -c 9m /dev/zero >$d/fill 2>/dev/null || :; done",
  bare: BARE,
  platform: `${BARE}
mount -t tmpfs -o mode=755 tmpfs /usr/libexec
ln -s /opt/py36/bin/python3.6 /usr/libexec/platform-python`,
};

/** A process of one of the accounts. */
export interface AccountProcess {
  readonly pid: number;
  readonly home: string;
  readonly command: string;
}

/** What runs for the accounts now: whatever has one of their homes. */
export async function processesOf(etc: PrivateEtc): Promise<AccountProcess[]> {
  const homes = join(etc.files, "../home");
  // By grep: a machine may have thousands of processes that nobody collects.
  const { stdout } = await new Deno.Command("sh", {
    args: [
      "-c",
      `grep -zHs "^HOME=${homes}/" /proc/[0-9]*/environ | tr '\\0' '\\n'`,
    ],
  }).output();
  const lines = new TextDecoder().decode(stdout).matchAll(
    /^\/proc\/(\d+)\/environ:HOME=(.*)$/gm,
  );
  return await Promise.all([...lines].map(async ([, pid, home]) => ({
    pid: Number(pid),
    home: home!,
    command: await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => ""),
  })));
}

function findFile(path: string): string | undefined {
  try {
    Deno.statSync(path);
    return path;
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function output(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(
    findProgram(program) ?? program,
    { args, stdin: "null" },
  ).output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(`Cannot run ${program}: ${text.decode(stderr).trim()}`);
}
