// `ftl push` and `ftl fetch` as a user types them, on hosts of OpenSSH.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  type Account,
  createAccount,
  eventually,
  mainCommand,
} from "../support/ftl.ts";
import { need } from "../support/need.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

const MIB = 1024 * 1024;

function fleetTest(
  name: string,
  body: (account: Account, fleet: OpensshFleet) => Promise<void>,
): void {
  Deno.test({
    name: name + sshdNeed.suffix,
    ignore: sshdNeed.ignore,
    fn: async () => {
      await using account = await createAccount();
      const fleet = await startOpensshFleet({ hosts: 4 });
      try {
        await body(account, fleet);
      } finally {
        await fleet.stop();
      }
    },
  });
}

/** The names in a folder and its subfolders. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      names.push(name);
      if (isDirectory) {
        const below = await namesIn(join(folder, name));
        names.push(...below.map((each) => `${name}/${each}`));
      }
    }
  } catch (error) {
    // It was just removed with its content.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

async function pattern(path: string, size: number): Promise<void> {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7 + (i >> 9));
  await Deno.writeFile(path, bytes);
}

fleetTest(
  "ftl push and ftl fetch copy a folder to a host and back",
  async (account, fleet) => {
    const src = join(account.home, "site");
    await Deno.mkdir(join(src, "sub", "empty"), { recursive: true });
    await Deno.writeTextFile(join(src, "sub", "ü n"), "hello");
    await Deno.symlink("sub", join(src, "link"));
    await pattern(join(src, "big"), 3 * MIB);
    const push = ["push", src, "~/srv/", "--preserve", ...fleet.flags];
    const first = await account.ftl(push);
    assertEquals([first.code, first.stderr], [0, ""], first.stdout);
    const second = await account.ftl([...push, "--format", "json"]);
    assertEquals(JSON.parse(second.stdout).summary.ok, 4);
    const out = join(account.home, "out");
    const fetch = [
      "fetch",
      "~/srv/site",
      out,
      "--preserve",
      ...fleet.flags,
      "--format",
      "json",
    ];
    const third = await account.ftl(fetch);
    assertEquals(third.code, 0, third.stdout + third.stderr);
    assertEquals(JSON.parse(third.stdout).transfer, "fetch");
    for (const { name } of fleet.hosts) {
      const { success } = await new Deno.Command("diff", {
        args: ["-r", src, join(out, name, "site")],
      }).output();
      assert(success, name);
    }
    assertEquals(JSON.parse((await account.ftl(fetch)).stdout).summary.ok, 4);
  },
);

fleetTest(
  "a host that cannot write has a failed result, and the others get the file",
  async (account, fleet) => {
    await Deno.writeTextFile(join(account.home, "f"), "new");
    await Deno.writeTextFile(join(fleet.hosts[1]!.home, "d"), "");
    const { code, stdout } = await account.ftl([
      "push",
      join(account.home, "f"),
      "~/d/",
      "--format",
      "json",
      ...fleet.flags,
    ]);
    const { results, summary } = JSON.parse(stdout);
    assertEquals([code, summary.failed, summary.changed], [1, 1, 3], stdout);
    assert(
      results.h02.error.message.endsWith("a part of the path is not a folder"),
      stdout,
    );
  },
);

fleetTest(
  "ftl push reports errors in SRC before any host is contacted",
  async (account, fleet) => {
    const { code, stderr } = await account.ftl([
      "push",
      "nowhere",
      "/tmp/x",
      ...fleet.flags,
    ]);
    assertEquals([code, stderr], [
      2,
      "ftl: Cannot push nowhere: there is no such file or folder\n",
    ]);
  },
);

for (const signal of ["SIGINT", "SIGKILL"] as const) {
  fleetTest(
    `${signal} during ftl push leaves only the old file`,
    async (account, fleet) => {
      const src = join(account.home, "dir");
      await Deno.mkdir(src);
      // A sparse file, large enough for the signal to arrive during the push.
      await sparse(join(src, "big"), 20_000 * MIB);
      for (const { home } of fleet.hosts) {
        await Deno.writeTextFile(join(home, "big"), "old");
      }
      for (
        const [from, to] of [[join(src, "big"), "~/big"], [src, "~"]] as const
      ) {
        await using ftl = account.start([
          "push",
          from,
          to,
          "--format",
          "ndjson",
          ...fleet.flags,
        ]);
        await eventually("a part on every host", async () => {
          const parts = await Promise.all(
            fleet.hosts.map(({ home }) => namesIn(home)),
          );
          return parts.every((names) =>
            names.some((name) => name.startsWith(".ftl-"))
          );
        });
        ftl.kill(signal);
        const { code } = await ftl.output();
        if (signal === "SIGINT") assertEquals(code, 130);
        await eventually("no process and no part on the hosts", async () => {
          const parts = await Promise.all(
            fleet.hosts.map(({ home }) => namesIn(home)),
          );
          return parts.flat().every((name) => name === "big") &&
            (await fleet.processes()).length === 0;
        });
        for (const { home } of fleet.hosts) {
          assertEquals(await Deno.readTextFile(join(home, "big")), "old");
        }
      }
    },
  );
}

fleetTest(
  "processes that compute checksums on hosts end when ftl does",
  async (account, fleet) => {
    // The same size on both sides, so that checksums are compared; sparse.
    const [src, out] = [join(account.home, "d"), join(account.home, "out")];
    const there = fleet.hosts[0]!.home;
    for (const folder of [src, join(there, "d"), join(out, "h01", "d")]) {
      await Deno.mkdir(folder, { recursive: true });
      await sparse(join(folder, "big"), 300_000 * MIB);
    }
    await sparse(join(out, "h01", "big"), 300_000 * MIB);
    const push = ["push", "--timeout", "5m", "-l", "h01", ...fleet.flags];
    const fetch = ["fetch", "--max-size", "1T", ...push.slice(1)];
    for (
      const words of [
        [...push, join(src, "big"), "~/d/big"],
        [...push, src, "~"],
        [...fetch, "~/d/big", out],
        [...fetch, "~/d", out],
      ]
    ) {
      await using ftl = account.start(words);
      const isSumming = async () =>
        (await fleet.processes()).some(({ command }) =>
          /^sha256sum /.test(command)
        );
      await eventually(`sums: ${words.slice(-2)}`, isSumming);
      ftl.kill("SIGINT");
      assertEquals((await ftl.output()).code, 130);
      await eventually(
        "no process on the host",
        async () => (await fleet.processes()).length === 0,
      );
    }
    assertEquals(await namesIn(there), ["d", "d/big"]);
  },
);

const root = need("root", Deno.uid() === 0 ? "/" : undefined);

Deno.test({
  name:
    `files that the user cannot read are an error before any host is contacted${root.suffix}`,
  ignore: root.ignore,
  fn: async () => {
    await using account = await createAccount();
    const folder = join(account.home, "d");
    const closed = join(folder, "closed");
    await Deno.mkdir(folder);
    await Deno.writeTextFile(closed, "", { mode: 0o600 });
    await Deno.chown(account.home, 65534, 65534);
    const { command: [program, ...words], env } = mainCommand(account.home);
    for (const src of [closed, folder]) {
      const { code, stderr } = await new Deno.Command("setpriv", {
        args: [
          ...["--reuid=65534", "--regid=65534", "--clear-groups", program!],
          ...[...words, "push", "-i", "nobody.invalid,", src, "/tmp/"],
        ],
        clearEnv: true,
        env,
      }).output();
      assertEquals([code, new TextDecoder().decode(stderr)], [
        2,
        `ftl: Cannot push ${closed}: permission denied\n`,
      ]);
    }
  },
});

async function sparse(path: string, size: number): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true });
  await file.truncate(size);
}

/** Returns the peak memory of a process in MiB, after it has ended. */
async function mostMemory(child: Deno.ChildProcess): Promise<number> {
  let most = 0;
  let isOver = false;
  child.status.then(() => isOver = true);
  while (!isOver) {
    const text = await Deno.readTextFile(`/proc/${child.pid}/status`)
      .catch(() => "");
    most = Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? most * 1024) / 1024;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return most;
}

fleetTest(
  "a file of 320 MiB is pushed and fetched with far less memory",
  async (account, fleet) => {
    const size = 320 * MIB;
    const src = join(account.home, "big");
    await sparse(src, size);
    const there = join(account.home, "there");
    const flags = ["-l", "h01", ...fleet.flags];
    for (const words of [["push", src, there], ["fetch", src, there + ".d"]]) {
      const child = account.start([...words, ...flags]);
      const most = mostMemory(child);
      const { code, stderr } = await child.output();
      assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
      const mib = await most;
      assert(mib > 10 && mib < 280, `${words[0]} held ${mib} MiB`);
    }
    assertEquals((await Deno.stat(there)).size, size);
  },
);

fleetTest(
  "a push is ended at its deadline, and ftl exits 4",
  async (account, fleet) => {
    await sparse(join(account.home, "big"), 20_000 * MIB);
    const { code, stdout } = await account.ftl([
      "push",
      join(account.home, "big"),
      "~/big",
      "--timeout",
      "1s",
      "--format",
      "json",
      "-l",
      "h01",
      ...fleet.flags,
    ]);
    assertEquals(code, 4, stdout);
    assertEquals(JSON.parse(stdout).results.h01.status, "timed_out");
    await eventually(
      "nothing is left",
      async () => (await namesIn(fleet.hosts[0]!.home)).length === 0,
    );
  },
);
