// Hosts for tests of NATS: one OpenSSH server under many addresses, modules that keep
// a journal of what ran where, and a fleet that sends to workers.
import { join } from "@std/path";
import {
  type HostFleet,
  openHostFleet,
} from "../../src/core/fleet/host_fleet.ts";
import { Provision } from "../../src/core/fleet/provision.ts";
import type { NatsEngine } from "../../src/core/nats/sender/nats_engine.ts";
import type { NatsSenderOptions } from "../../src/core/nats/sender/nats_sender.ts";
import { RecordedModules } from "../../src/core/nats/messages/recorded_modules.ts";
import type { HostFleetOptions } from "../../src/core/fleet/host_fleet.ts";
import { type LabWorker, type LabWorkerOptions, NatsLab } from "./nats_lab.ts";
import { natsNeed, type NatsServerOptions } from "./nats_server.ts";
import { needAll } from "./need.ts";
import { removeFolder } from "./remove_folder.ts";
import { type Sshd, sshdNeed, startSshd } from "./sshd.ts";

const MODULES = {
  // Says in a journal that it begins and ends; waits in between for a file to go.
  note: `import os, time
def main(journal, host, wait=''):
    def say(what):
        with open(journal, 'a') as file:
            file.write(what + ' ' + host + '\\n')
    say('begin')
    while wait and os.path.exists(wait):
        time.sleep(0.02)
    say('end')
    return {'host': host}
`,
  echo: "def main(**args):\n    return {'args': args}\n",
  // Shows that its argument is secret, as modules of Ansible do.
  hide: `def main(alias):
    shown = {'alias': 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'}
    return {'invocation': {'module_args': shown}}
`,
};

/** How hosts of a lab differ from plain ones. */
export interface NatsHostsOptions {
  readonly hosts: number;
  readonly server?: NatsServerOptions;
  /** More variables of a host, by its number. */
  readonly vars?: (index: number) => Record<string, unknown>;
}

/** Hosts, a server and an engine. */
export class NatsHosts implements AsyncDisposable {
  readonly lab: NatsLab;
  readonly folder: string;
  readonly names: readonly string[];
  readonly journal: string;
  readonly #sshd: Sshd;
  readonly #options: NatsHostsOptions;

  private constructor(
    lab: NatsLab,
    { sshd, folder, options }: {
      sshd: Sshd;
      folder: string;
      options: NatsHostsOptions;
    },
  ) {
    this.lab = lab;
    this.folder = folder;
    this.journal = join(folder, "journal");
    this.#sshd = sshd;
    this.#options = options;
    this.names = Array.from({ length: options.hosts }, (_, i) => `h${i}`);
  }

  static async start(options: NatsHostsOptions): Promise<NatsHosts> {
    const sshd = await startSshd({ config: ["MaxStartups 200"] });
    const folder = await Deno.makeTempDir({ prefix: "ftl-nats-hosts-" });
    const modules = join(folder, "modules");
    await Deno.mkdir(modules);
    for (const [name, text] of Object.entries(MODULES)) {
      await Deno.writeTextFile(join(modules, `${name}.py`), text);
    }
    const known = Array.from(
      { length: options.hosts },
      (_, i) => `[${address(i)}]:${sshd.port} ${sshd.hostKey}\n`,
    );
    await Deno.writeTextFile(join(folder, "known_hosts"), known.join(""));
    const lab = await NatsLab.start(options.server);
    return new NatsHosts(lab, { sshd, folder, options });
  }

  /** The file of known hosts. */
  get knownHosts(): string {
    return join(this.folder, "known_hosts");
  }

  /** The variables that reach a host. */
  varsOf(index: number): Record<string, unknown> {
    const { port, user, identityFile } = this.#sshd;
    return {
      ansible_host: address(index),
      ansible_port: port,
      ansible_user: user,
      ansible_ssh_private_key_file: identityFile,
      ...this.#options.vars?.(index),
    };
  }

  /** The inventory as text in JSON, which is YAML too. */
  get inventory(): string {
    const hosts = this.names.map((name, i) => [name, this.varsOf(i)]);
    return JSON.stringify({ all: { hosts: Object.fromEntries(hosts) } });
  }

  /** Starts a worker that knows the hosts. */
  worker(options: LabWorkerOptions = {}): Promise<LabWorker> {
    const connection = { knownHostsFiles: [this.knownHosts] };
    return this.lab.worker({
      ...options,
      means: { connection, ...options.means },
    });
  }

  /** An engine for the hosts. */
  async engine(
    options: Partial<NatsSenderOptions> = {},
    fleetOptions: Partial<HostFleetOptions> = {},
  ): Promise<NatsEngine> {
    const sources = { dirs: [join(this.folder, "modules")] };
    const modules = new RecordedModules(new Provision({ sources }));
    const fleet: HostFleet = await openHostFleet({
      modules,
      hosts: this.names.map((name, i) => ({
        name,
        groups: [],
        vars: this.varsOf(i),
      })),
      ssh: { config: "none", agentSocket: "" },
      // On a busy machine, too, every host is reached.
      connection: { connectTimeoutMs: 120_000 },
      ...fleetOptions,
    });
    return await this.lab.engine(fleet, modules, options);
  }

  /** A call that keeps the journal; it waits while the file `wait` exists. */
  noteCall(wait = "") {
    const args = {
      journal: this.journal,
      host: "{{ inventory_hostname }}",
      wait,
    };
    return { module: "note", render: true, args };
  }

  /** Makes a file that calls wait for. */
  async hold(name = "wait"): Promise<string> {
    const path = join(this.folder, name);
    await Deno.writeTextFile(path, "");
    return path;
  }

  /** The lines of the journal. */
  async lines(): Promise<string[]> {
    const text = await Deno.readTextFile(this.journal).catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  }

  /** Waits until the journal has a number of lines that start with a word. */
  async untilLines(word: string, count: number): Promise<void> {
    for (;;) {
      const found = (await this.lines()).filter((line) =>
        line.startsWith(`${word} `)
      );
      if (found.length >= count) return;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
    await this.#sshd.stop();
    await removeFolder(this.folder);
  }
}

function address(index: number): string {
  return `127.0.${Math.floor(index / 200)}.${(index % 200) + 1}`;
}

const NEED = needAll(sshdNeed, natsNeed);

/** Registers a test with hosts of its own. */
export function testNatsHosts(
  name: string,
  options: NatsHostsOptions,
  fn: (hosts: NatsHosts) => Promise<void>,
): void {
  Deno.test({
    name: `${name}${NEED.suffix}`,
    ignore: NEED.ignore,
    fn: async () => {
      await using hosts = await NatsHosts.start(options);
      await fn(hosts);
    },
  });
}
