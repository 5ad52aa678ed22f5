// Pushes and fetches files through every transport: on this machine, over ssh2 to a
// server in this process and to OpenSSH's, and over the system's ssh.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Call, HostResult } from "../../src/core/call/call.ts";
import {
  type HostFleetOptions,
  openHostFleet,
} from "../../src/core/fleet/host_fleet.ts";
import { loadHosts } from "../../src/core/input/load_hosts.ts";
import { collect, run } from "../../src/core/run/run.ts";
import { eventually } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";
import {
  runInShell,
  type SshServer,
  startSshServer,
} from "../support/ssh_server.ts";
import { sshdNeed, startSshd } from "../support/sshd.ts";

interface Way {
  readonly connection: NonNullable<HostFleetOptions["connection"]>;
  stop(): Promise<void>;
}

const ssh = needProgram("ssh");
const busybox = needProgram("busybox");

const KINDS: readonly {
  name: string;
  ignore?: boolean;
  start(folder: string): Promise<Way>;
}[] = [
  {
    name: "local",
    start: () =>
      Promise.resolve({
        connection: { transport: "local" },
        stop: () => Promise.resolve(),
      }),
  },
  {
    name: "ssh to a server in this process",
    start: async (folder) => {
      const server = await startSshServer();
      return { connection: await wayTo(server, folder), stop: server.stop };
    },
  },
  {
    name: `ssh to a host that has busybox alone${busybox.suffix}`,
    ignore: busybox.ignore,
    start: async (folder) => {
      const applets = join(folder, "bin");
      await new Deno.Command("sh", {
        args: [
          "-c",
          'mkdir "$1"&&for a in $("$0" --list);do ln -s "$0" "$1/$a";done',
          ...[busybox.path, applets],
        ],
      }).output();
      const server = await startSshServer({
        run: (command, channel) => {
          const own = command.replaceAll("/bin/sh", join(applets, "sh"));
          runInShell(`PATH=${applets};export PATH;${own}`, channel);
        },
      });
      return { connection: await wayTo(server, folder), stop: server.stop };
    },
  },
  ...(["ssh", "openssh"] as const).map((transport) => ({
    name: `${transport} to OpenSSH${sshdNeed.suffix}${ssh.suffix}`,
    ignore: sshdNeed.ignore || ssh.ignore,
    start: async (folder: string): Promise<Way> => {
      const sshd = await startSshd();
      const knownHosts = join(folder, "known_hosts");
      await Deno.writeTextFile(
        knownHosts,
        `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`,
      );
      return {
        connection: {
          transport,
          port: sshd.port,
          user: sshd.user,
          identityFiles: [sshd.identityFile],
          knownHostsFiles: [knownHosts],
        },
        stop: sshd.stop,
      };
    },
  })),
];

async function wayTo(
  server: SshServer,
  folder: string,
): Promise<Way["connection"]> {
  const knownHosts = join(folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, server.knownHosts);
  return {
    transport: "ssh",
    port: server.port,
    user: "deploy",
    identityFiles: [server.identityFile],
    knownHostsFiles: [knownHosts],
  };
}

interface Lab {
  readonly folder: string;
  call(about: Call, signal?: AbortSignal): Promise<HostResult>;
}

function contract(name: string, body: (lab: Lab) => Promise<void>): void {
  for (const kind of KINDS) {
    Deno.test({
      name: `${kind.name}: ${name}`,
      ignore: kind.ignore ?? false,
      fn: async () => {
        const folder = await Deno.makeTempDir({ prefix: "ftl-way-" });
        const way = await kind.start(folder);
        const fleet = await openHostFleet({
          hosts: await loadHosts({ inventory: "127.0.0.1," }),
          connection: way.connection,
          ssh: { config: "none", agentSocket: "" },
        });
        try {
          await body({
            folder,
            call: async (call, signal) => {
              const { results } = await collect(run(fleet, call, { signal }));
              return results.get("127.0.0.1")!;
            },
          });
        } finally {
          await fleet.close();
          await way.stop();
          await Deno.remove(folder, { recursive: true });
        }
      },
    });
  }
}

contract(
  "a folder survives a push and a fetch unchanged",
  async ({ folder, call }) => {
    const src = join(folder, "src");
    await Deno.mkdir(join(src, "sub", "empty"), { recursive: true });
    await Deno.writeTextFile(join(src, "sub", "ü'\n"), "odd");
    await Deno.writeFile(join(src, "big"), new Uint8Array(3_000_001).fill(7));
    await Deno.symlink("sub", join(src, "link"));
    await Deno.chmod(join(src, "big"), 0o751);
    const push = { src, dest: join(folder, "there"), preserve: true };
    const fetch = {
      src: join(folder, "there", "src"),
      dest: folder,
      preserve: true,
    };
    for (const status of ["changed", "ok"]) {
      for (const way of [{ push }, { fetch }]) {
        const result = await call(way);
        assertEquals([result.status, result.error], [status, null]);
      }
    }
    const { success, stdout } = await new Deno.Command("diff", {
      args: ["-r", src, join(folder, "127.0.0.1", "src")],
    }).output();
    assert(success, new TextDecoder().decode(stdout));
  },
);

contract(
  "a host without room for a file reports it",
  async ({ folder, call }) => {
    const src = join(folder, "big");
    await Deno.writeFile(src, new Uint8Array(8_000_000));
    const { status, error } = await call({
      push: { src, dest: "/dev/full/x" },
    });
    assertEquals([status, error?.kind], ["failed", "call"]);
  },
);

contract(
  "a push that is cancelled leaves nothing",
  async ({ folder, call }) => {
    const src = join(folder, "endless");
    const file = await Deno.open(src, { create: true, write: true });
    await file.truncate(2 ** 40);
    file.close();
    const there = join(folder, "there");
    await Deno.mkdir(there);
    const stop = new AbortController();
    const isThere = async () =>
      (await Array.fromAsync(Deno.readDir(there))).length > 0;
    const cancelled = call(
      { push: { src, dest: there } },
      stop.signal,
    );
    await eventually("a part of the file", isThere);
    stop.abort();
    assertEquals((await cancelled).status, "cancelled");
    await eventually("nothing is left", async () => !await isThere());
  },
);
