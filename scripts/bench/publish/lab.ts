// What the published comparisons run: ftl as a binary, its peers as Debian has them,
// and one OpenSSH server on loopback that is all hosts. Everything is below one
// folder, which is removed at the end.
import { dirname, join } from "@std/path";
import { needAnsible } from "../../../tests/support/ansible.ts";
import {
  type OpensshFleet,
  startOpensshFleet,
} from "../../../tests/support/openssh_fleet.ts";
import { needProgram } from "../../../tests/support/need.ts";
import { forgetFolders } from "../forget_folders.ts";
import { bundleOf, pack } from "../packed.ts";
import type { MeasuredProgram } from "./controller.ts";

/** How much is measured. */
export interface Sizes {
  readonly hosts: number;
  /** The hosts of comparisons that take long with all of them. */
  readonly few: number;
  readonly calls: number;
  readonly fileMib: number;
  readonly files: number;
  readonly rounds: number;
}

/** The sizes of the published figures. */
export const PUBLISHED: Sizes = {
  hosts: 50,
  few: 10,
  calls: 20,
  fileMib: 128,
  files: 10,
  rounds: 2,
};

/** Sizes to try the comparisons with. */
export const QUICK: Sizes = {
  hosts: 4,
  few: 2,
  calls: 3,
  fileMib: 8,
  files: 5,
  rounds: 1,
};

/** A busy machine must not fail: every tool waits this long, in seconds. */
const CONNECT = 180;
/** How long Ansible's connections stay open: its default, in seconds. */
const PERSIST = 60;

/** Programs on hosts. */
export interface Lab extends AsyncDisposable {
  readonly folder: string;
  readonly sizes: Sizes;
  readonly fleet: OpensshFleet;
  /** The folder of ansible-core's modules. */
  readonly modules: string;
  /** The folder of Mitogen's strategies; undefined when it is not installed. */
  readonly strategies: string | undefined;
  /** Options of ftl that reach the hosts. */
  readonly flags: readonly string[];
  /** ftl, with a store of its own for each `name`. */
  ftl(name: string, ...args: string[]): MeasuredProgram;
  /** Ansible, configured as its documentation advises for speed. */
  ansible(options: AnsibleOptions, ...args: string[]): Promise<MeasuredProgram>;
  /** OpenSSH's options for a port; default: the fleet's. */
  sshOptions(port?: number): string[];
  /** Makes the next run of ftl a first one, here and on the hosts. */
  forget(name: string): Promise<void>;
}

/** How Ansible is run. */
export interface AnsibleOptions {
  /** Its folder, and that of its connections. */
  readonly name: string;
  readonly isMitogen?: boolean;
  /** Whether it pipes modules into Python; off unless it is configured. Default: true. */
  readonly pipelines?: boolean;
  /** Default: `ansible`. */
  readonly program?: "ansible" | "ansible-playbook";
}

/** Starts a lab. */
export async function startLab(sizes: Sizes): Promise<Lab> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-publish-" });
  const { paths, env } = await pack({ ftl: await bundleOf("main.ts") }, folder);
  const fleet = await startOpensshFleet({
    hosts: sizes.hosts,
    // The default drops connections at random, which the tools retry differently.
    maxStartups: "200",
  });
  const { modules } = needAnsible();
  const homeOf = (name: string) => join(folder, "homes", name);
  const sshOptions = (port = fleet.sshd.port) => [
    ...["-F", "none", "-i", fleet.sshd.identityFile, "-p", String(port)],
    ...["-o", `UserKnownHostsFile=${fleet.knownHosts}`, "-o", "BatchMode=yes"],
    ...["-o", `ConnectTimeout=${CONNECT}`, "-l", fleet.sshd.user],
  ];
  return {
    folder,
    sizes,
    fleet,
    modules,
    strategies: mitogenStrategies(modules),
    flags: [
      ...fleet.flags,
      ...["--connect-timeout", `${CONNECT}s`, "--ssh-config", "none"],
    ],
    ftl: (name, ...args) => ({
      argv: [paths.ftl, ...args],
      env: { ...env, FTL_HOME: homeOf(name), NO_COLOR: "1", USER: "root" },
    }),
    async ansible(
      { name, isMitogen, pipelines = true, program = "ansible" },
      ...args
    ) {
      const home = homeOf(name);
      await Deno.mkdir(home, { recursive: true });
      const config = join(home, "ansible.cfg");
      const strategies = mitogenStrategies(modules);
      await Deno.writeTextFile(
        config,
        [
          "[defaults]",
          `forks = ${sizes.hosts}`,
          `timeout = ${CONNECT}`,
          ...(isMitogen
            ? ["strategy = mitogen_linear", `strategy_plugins = ${strategies}`]
            : []),
          "[ssh_connection]",
          `pipelining = ${pipelines ? "True" : "False"}`,
          `control_path_dir = ${join(home, "cp")}`,
          `ssh_args = -F none -C -o ControlMaster=auto ` +
          `-o ControlPersist=${PERSIST}s ` +
          `-o UserKnownHostsFile=${fleet.knownHosts}`,
          "",
        ].join("\n"),
      );
      return {
        argv: [
          ...[program, ...args],
          ...["-e", "ansible_python_interpreter=/usr/bin/python3"],
          // Mitogen reads only this one, and requires a number.
          ...["-e", JSON.stringify({ ansible_timeout: CONNECT })],
        ],
        env: { HOME: home, ANSIBLE_CONFIG: config, LC_ALL: "C.UTF-8" },
      };
    },
    sshOptions,
    forget: (name) =>
      forgetFolders([homeOf(name), ...fleet.hosts.map(storeOf)], folder),
    async [Symbol.asyncDispose]() {
      await fleet.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What of the peers is not installed, as the names of Debian's packages. */
export function missingPeers(): string[] {
  const { ignore, modules } = needAnsible();
  const programs = {
    clush: "clustershell",
    "parallel-ssh": "pssh",
    scp: "openssh-client",
  };
  return [
    ...(ignore ? ["ansible"] : []),
    ...(ignore || mitogenStrategies(modules) ? [] : ["ansible-mitogen"]),
    ...Object.entries(programs)
      .filter(([program]) => needProgram(program).ignore)
      .map(([, name]) => name),
  ];
}

/** The folder of Mitogen's strategies, beside the ansible-core that uses it. */
function mitogenStrategies(modules: string): string | undefined {
  const root = dirname(dirname(modules));
  const path = join(root, "ansible_mitogen/plugins/strategy");
  try {
    return Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined; // it is not installed
  }
}

function storeOf({ home }: { home: string }): string {
  return join(home, ".ftl");
}
