// `ftl demo`: runs a few calls on hosts that are SSH servers in this process.
// Everything else is as in a real run, the Python included.
import { join } from "@std/path";
import type { Call } from "../../../core/call/call.ts";
import {
  type HostFleet,
  openHostFleet,
} from "../../../core/fleet/host_fleet.ts";
import { run } from "../../../core/run/run.ts";
import type { Host } from "../../../inventory/inventory.ts";
import { openStore } from "../../../store/store.ts";
import { readKnownHosts } from "../../../transport/known_hosts/known_hosts_file.ts";
import type { Context } from "../context.ts";
import { EXIT, UsageError } from "../../process/exit_code.ts";
import type { OutputOptions } from "../../options/options.ts";
import { createDisplay, showEvents } from "../../display/show_events.ts";
import facts from "./facts.py" with { type: "text" };
import { type DemoFleet, startDemoFleet } from "./demo_fleet.ts";
import odd from "./odd.sh" with { type: "text" };
import stamp from "./stamp.py" with { type: "text" };

/** The options of `ftl demo`. */
export type DemoOptions = OutputOptions & { hosts?: number };

const MODULES = { "facts.py": facts, "stamp.py": stamp, "odd.sh": odd };

/** The calls of the demo, in order. */
const STEPS: readonly { say: string; call: Call }[] = [
  {
    say: "A native module: the gates open, and the module is sent once",
    call: { module: "facts", args: {} },
  },
  {
    say: "The same again: only a name and arguments are sent to open gates",
    call: { module: "facts", args: { greeting: "hello again" } },
  },
  {
    say: "A Python module that changes something",
    call: { module: "stamp", args: { name: "stamp.txt" } },
  },
  {
    say: "A shell module, which fails on hosts whose name ends in 7",
    call: { module: "odd.sh", args: {} },
  },
  {
    say: "A shell command, which needs no Python",
    call: { command: ["ls"] },
  },
];

/** Runs the demo, and removes everything it made; resolves to the exit status. */
export async function handleDemo(
  options: DemoOptions,
  context: Context,
): Promise<number> {
  const count = options.hosts ?? 12;
  const say = options.format === undefined || options.format === "text"
    ? (text: string) => context.out(text)
    : () => {};
  const folder = await Deno.makeTempDir({ prefix: "ftl-demo-" });
  const hosts = await startDemoFleet(count);
  try {
    say(`Started ${count} SSH hosts in this process, each with its own HOME\n`);
    const fleet = await demoFleet(hosts, folder);
    try {
      return await runSteps(fleet, { options, context, say });
    } finally {
      await fleet.close();
    }
  } finally {
    await hosts.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function demoFleet(demo: DemoFleet, folder: string): Promise<HostFleet> {
  const modules = join(folder, "modules");
  await Deno.mkdir(modules);
  for (const [name, text] of Object.entries(MODULES)) {
    await Deno.writeTextFile(join(modules, name), text);
  }
  const hosts = demo.hosts.map(({ name, address, port }): Host => ({
    name,
    vars: { ansible_host: address, ansible_port: port },
    groups: ["all"],
  }));
  return await openHostFleet({
    hosts,
    store: await openStore(join(folder, "store")),
    sources: { dirs: [modules] },
    connection: { user: demo.user, identityFiles: [demo.privateKeyPath] },
    ssh: {
      knownHosts: await readKnownHosts([demo.knownHostsPath]),
      agentSocket: "",
      config: "none",
      home: folder,
    },
  });
}

interface Stage {
  options: DemoOptions;
  context: Context;
  say: (text: string) => void;
}

async function runSteps(
  fleet: HostFleet,
  { options, context, say }: Stage,
): Promise<number> {
  const began = performance.now();
  const { id, bytes } = await fleet.archive();
  const built = performance.now() - began;
  say(
    `Built gate ${id.slice(0, 12)}, ${bytes.length} bytes, in ` +
      `${built.toFixed(0)} ms\n`,
  );
  for (const { say: text, call } of STEPS) {
    say(`\n# ${text}\n`);
    const summary = await showEvents(
      (signal) => run(fleet, call, { signal }),
      await createDisplay({ ...options, record: false }, context),
    );
    if (context.signal.aborted) return EXIT.interrupted;
    if (summary.unreachable > 0) {
      throw new UsageError("Cannot run the demo: a host could not be used", {
        hint: "Install python3 (3.6 or later) on PATH",
      });
    }
  }
  const { bytesSent, packsSent } = fleet.traffic;
  say(
    `\nSent the gate once to each host, and ${packsSent} packs: ${bytesSent} ` +
      "bytes in total.\nWith real hosts, both sides keep gates and packs for " +
      "the next run.\n",
  );
  return EXIT.ok;
}
