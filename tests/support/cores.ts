// The installed ansible-cores, so that statements about a version are tested with
// it: this machine's own, and those that scripts/setup_cores.sh has unpacked.
import { join } from "@std/path";
import { needAnsible } from "./ansible.ts";
import { type Need, need } from "./need.ts";

/** One ansible-core. */
export interface Core {
  /** Major and minor: `"2.14"`. */
  readonly series: string;
  /** The folder of its modules. */
  readonly modules: string;
}

const UNPACKED = "usr/lib/python3/dist-packages/ansible";

let found: readonly Core[] | undefined;

/** Finds them, one of each series. */
export function cores(): readonly Core[] {
  return found ??= findCores();
}

/** States that a test needs the ansible-core of one series; `path`: its modules. */
export function needCore(series: string): Need {
  const core = cores().find((core) => core.series === series);
  return need(`ansible-core ${series}`, core?.modules);
}

function findCores(): Core[] {
  const folder = Deno.env.get("FTL_TEST_CORES") ??
    join(
      Deno.env.get("XDG_CACHE_HOME") ??
        join(Deno.env.get("HOME") ?? "/root", ".cache"),
      "ftl-test-cores",
    );
  const candidates = [needAnsible().modules, ...unpackedIn(folder)];
  const bySeries = new Map<string, Core>();
  for (const modules of candidates) {
    const series = seriesOf(modules);
    if (series !== undefined && !bySeries.has(series)) {
      bySeries.set(series, { series, modules });
    }
  }
  return [...bySeries.values()];
}

function unpackedIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .map(({ name }) => join(folder, name, UNPACKED, "modules"));
  } catch {
    return []; // nobody has unpacked any
  }
}

function seriesOf(modules: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(join(modules, "..", "release.py"));
    return /^__version__ = '(\d+\.\d+)/m.exec(text)?.[1];
  } catch {
    return undefined; // no ansible-core
  }
}
