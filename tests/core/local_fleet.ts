// Hosts for tests of fleets and runs: this machine under many names, each with
// a HOME of its own and the real Python, and native modules to call there.
import { join } from "@std/path";
import {
  type HostFleetOptions,
  openHostFleet,
} from "../../src/core/fleet/host_fleet.ts";
import type { HostFleet } from "../../src/core/fleet/host_fleet.ts";
import type { Host } from "../../src/inventory/inventory.ts";

const MODULES = {
  echo: "def main(**args):\n    return {'args': args}\n",
  // The gate is the parent of every call.
  gate: "import os\ndef main(**_):\n    return {'pid': os.getppid()}\n",
  sleep: "import os, time\ndef main(path):\n" +
    "    open(path, 'w').write(str(os.getpid()))\n    time.sleep(300)\n",
  kill_gate: "import os, signal\ndef main(**_):\n" +
    "    os.kill(os.getppid(), signal.SIGKILL)\n",
  talk:
    "import sys\ndef main(text):\n    print(text)\n    sys.stdout.flush()\n" +
    "    return {'said': text}\n",
  changes:
    "def main(check_mode=False):\n    return {'changed': True, 'check': check_mode}\n",
};

/** A folder with HOMEs and modules, and the fleets opened in it. */
export class Site implements AsyncDisposable {
  readonly folder: string;
  readonly modules: string;
  readonly #fleets: HostFleet[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.modules = join(folder, "modules");
  }

  static async make(): Promise<Site> {
    const site = new Site(await Deno.makeTempDir({ prefix: "ftl-site-" }));
    await Deno.mkdir(site.modules);
    for (const [name, text] of Object.entries(MODULES)) {
      await site.write(`modules/${name}.py`, text);
    }
    return site;
  }

  /** Writes a file below the folder. */
  async write(path: string, text: string, mode = 0o644): Promise<string> {
    const file = join(this.folder, path);
    await Deno.writeTextFile(file, text, { mode });
    return file;
  }

  /** A host that is this machine, with a HOME of its own. */
  async host(name: string, vars: Record<string, unknown> = {}): Promise<Host> {
    const home = join(this.folder, `home-${name}`);
    await Deno.mkdir(home, { recursive: true });
    const python = await this.write(
      `python-${name}`,
      `#!/bin/sh\nHOME=${home}\nexport HOME\nexec python3 "$@"\n`,
      0o755,
    );
    return {
      name,
      groups: [],
      vars: {
        ansible_connection: "local",
        ansible_python_interpreter: python,
        ...vars,
      },
    };
  }

  hosts(count: number): Promise<Host[]> {
    return Promise.all(
      Array.from({ length: count }, (_, i) => this.host(`h${i + 1}`)),
    );
  }

  /** A fleet that is closed with the site. */
  async open(
    hosts: readonly Host[],
    options: Partial<HostFleetOptions> = {},
  ): Promise<HostFleet> {
    const fleet = await openHostFleet({
      hosts,
      sources: { dirs: [this.modules] },
      ...options,
    });
    this.#fleets.push(fleet);
    return fleet;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const fleet of this.#fleets) await fleet.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Whether a process is alive. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !/\) [ZX] /.test(stat);
  } catch {
    return false; // no such process
  }
}

/**
 * Waits for a file that a module writes, and reads the number in it.
 *
 * @throws {Error} when the run that should write it ends before.
 */
export async function readPid(
  path: string,
  running: Promise<unknown>,
): Promise<number> {
  let hasEnded = false;
  const end = () => hasEnded = true;
  running.then(end, end);
  for (;;) {
    const isLast = hasEnded;
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text !== "") return Number(text);
    if (isLast) throw new Error(`Cannot read ${path}: the run is over`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
