// `--in-memory`: nothing of ftl's is put on a host's disk, whatever runs there and
// on every Python. All changes of files by the host's processes are traced.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { traceFiles, traceNeed } from "../support/file_trace.ts";
import { type Account, createAccount, MODULES } from "../support/ftl.ts";
import { interpreters, SUPPORTED } from "../support/interpreters.ts";
import { need, needProgram } from "../support/need.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

const ansible = needAnsible();
const sudo = needProgram("sudo");
const root = need("root", Deno.uid() === 0 ? "/" : undefined);
const needs = [sshdNeed, traceNeed];

/** Calls of all kinds of modules but binary ones. */
const LINES = [
  "greet name=Ann",
  "oldstyle a=b",
  "shellscript",
  "slow_json",
  "fresh_native",
  "!echo in the shell",
];

const KINDS: Readonly<Record<string, string>> = {
  "slow_json.py": `#!/usr/bin/python3
# WANT_JSON
import json, sys
with open(sys.argv[1]) as file:
    print(json.dumps({"has": len(file.read()) > 0}))
`,
  "fresh_native.py": `# ftl: fresh
import sys
def main():
    return {"python": "%d.%d" % sys.version_info[:2]}
`,
};

/** An inventory of one host for each Python, and a folder of modules. */
async function prepare(account: Account, fleet: OpensshFleet) {
  const pythons = interpreters().filter(({ version }) =>
    (SUPPORTED as readonly string[]).includes(version)
  );
  const dir = join(account.home, "modules");
  await Deno.mkdir(dir);
  for (const name of ["greet.py", "oldstyle.py", "shellscript"]) {
    await Deno.copyFile(join(MODULES, name), join(dir, name));
  }
  for (const [name, text] of Object.entries(KINDS)) {
    await Deno.writeTextFile(join(dir, name), text);
  }
  const hosts = fleet.hosts.slice(0, pythons.length).map((host, i) => ({
    ...host,
    version: pythons[i]!.version,
    python: pythons[i]!.path,
  }));
  const inventory = join(account.home, "hosts.ini");
  const lines = hosts.map(({ name, address, python }) =>
    `${name} ansible_host=${address} ansible_python_interpreter=${python}`
  );
  await Deno.writeTextFile(
    inventory,
    `${lines.join("\n")}\n[all:vars]\nansible_port=${fleet.sshd.port}\n` +
      `ansible_user=${fleet.sshd.user}\n` +
      `ansible_ssh_private_key_file=${fleet.sshd.identityFile}\n`,
  );
  const flags = ["-i", inventory, "--known-hosts", fleet.knownHosts];
  return { hosts, flags, dir };
}

async function filesBelow(folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for await (const { name } of Deno.readDir(folder)) {
      found.push(join(folder, name));
    }
  }
  return found.sort();
}

Deno.test({
  name: `nothing is written to hosts' disks with --in-memory${
    needs.map(({ suffix }) => suffix).join("")
  }`,
  ignore: needs.some(({ ignore }) => ignore),
  fn: async () => {
    await using account = await createAccount();
    const fleet = await startOpensshFleet({ hosts: SUPPORTED.length });
    try {
      const { hosts, flags, dir } = await prepare(account, fleet);
      const script = join(account.home, "lines");
      await Deno.writeTextFile(script, LINES.join("\n") + "\n");
      await using trace = await traceFiles(fleet.sshd.pid);
      const options = [...flags, "-M", dir, "--in-memory"];
      const run = await account.ftl(
        ["console", ...options, "--script", script, "--format", "ndjson"],
      );
      assertEquals(run.code, 0, run.stdout + run.stderr);
      for (const { version } of hosts) {
        assertStringIncludes(run.stdout, `"python":"${version}"`);
      }
      assertEquals(await filesBelow(hosts.map(({ home }) => home)), []);
      assertEquals(await trace.stop(), []);
    } finally {
      await fleet.stop();
    }
  },
});

Deno.test({
  name:
    `Ansible's modules, copies and another user leave nothing with ftl_in_memory${ansible.suffix}${sudo.suffix}${root.suffix}${sshdNeed.suffix}${traceNeed.suffix}`,
  ignore: [ansible, sudo, root, ...needs].some(({ ignore }) => ignore),
  fn: async () => {
    await using account = await createAccount();
    const fleet = await startOpensshFleet({ hosts: 1 });
    try {
      const { home } = fleet.hosts[0]!;
      const flags = [...fleet.flags, "-e", "ftl_in_memory=true"];
      const modules = ["-M", ansible.modules];
      const src = join(account.home, "src");
      await Deno.writeTextFile(src, "x".repeat(200_000));
      await Deno.writeTextFile(
        join(account.home, "hi"),
        "#!/bin/sh\necho hi $1\n",
      );
      await using trace = await traceFiles(fleet.sshd.pid);
      const ftl = async (...args: string[]) => {
        const { code, stdout, stderr } = await account.ftl(args);
        assertEquals(code, 0, stdout + stderr);
        return stdout;
      };
      await ftl("run", "ping", ...modules, ...flags);
      await ftl(
        "run",
        "ping",
        ...modules,
        ...flags,
        "-b",
        "--become-user",
        "nobody",
      );
      await ftl("run", "command", ...modules, ...flags, "-a", "echo ok");
      const said = await ftl(
        ...["run", "script", ...modules, ...flags],
        ...["-a", `${join(account.home, "hi")} Ann`, "--format", "json"],
      );
      assertStringIncludes(said, "hi Ann");
      const checked = await ftl("doctor", ...flags, fleet.hosts[0]!.name);
      assertStringIncludes(checked, "It runs from memory, as set for the host");
      // A temporary folder of `command` is its own affair.
      const changes = await trace.stop();
      const own = changes.filter((line) => line.includes("ansible-moduletmp"))
        .map((line) => line.split(" ")[0]);
      assertEquals(
        changes.filter((line) => !own.includes(line.split(" ")[0])),
        [],
      );
      assertEquals(await filesBelow([home]), []);

      const dest = join(home, "dest");
      const copied = ["run", "copy", ...modules, ...flags, `src=${src}`];
      await ftl(...copied, `dest=${dest}`, "mode=0640");
      assertEquals((await Deno.lstat(dest)).isFile, true);
      assertEquals((await Deno.stat(dest)).mode! & 0o777, 0o640);
      assertEquals(await Deno.readTextFile(dest), "x".repeat(200_000));
      assertStringIncludes(
        await ftl(...copied, `dest=${dest}`, "mode=0640"),
        "1 ok",
      );
      assertEquals(await filesBelow([home]), [dest]);
    } finally {
      await fleet.stop();
    }
  },
});

const mounts = need("right to mount", canMount() ? "/" : undefined);

function canMount(): boolean {
  if (Deno.uid() !== 0) return false;
  return new Deno.Command("unshare", { args: ["-m", "true"] })
    .outputSync().success;
}

/** Every place that ftl could use is read-only in there. */
const READ_ONLY = "for f in /tmp /var/tmp /dev/shm;do " +
  'mount --bind $f $f&&mount -o remount,bind,ro $f||exit 1;done;exec "$@"';

Deno.test({
  name:
    `--in-memory needs no place that can be written${sshdNeed.suffix}${mounts.suffix}`,
  ignore: sshdNeed.ignore || mounts.ignore,
  fn: async () => {
    await using account = await createAccount();
    const fleet = await startOpensshFleet({
      hosts: 1,
      wrapper: ["unshare", "-m", "sh", "-c", READ_ONLY, "sh"],
    });
    try {
      const run = await account.ftl([
        ...["run", "greet", "name=Ann", ...fleet.flags, "-M", MODULES],
        ...["--in-memory", "--format", "json"],
      ]);
      assertEquals(run.code, 0, run.stdout + run.stderr);
      const said = await account.ftl(
        ["exec", ...fleet.flags, "--in-memory", "--", ": > $HOME/x || echo no"],
      );
      assertStringIncludes(said.stdout, "no");
    } finally {
      await fleet.stop();
    }
  },
});

Deno.test("what needs a file on the host is refused with --in-memory, before contact", async () => {
  await using account = await createAccount();
  const binary = join(account.home, "thing");
  await Deno.writeFile(binary, new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]));
  // Nothing answers at this address: a contact would be an error of its own.
  const flags = ["-i", "192.0.2.1,", "--in-memory", "-M", account.home];
  const run = await account.ftl(["run", "thing", ...flags]);
  assertEquals(run.code, 1, run.stderr);
  assertStringIncludes(
    run.stdout + run.stderr,
    "Cannot run the binary module thing in memory: the host can execute only a file",
  );
  const job = await account.ftl([
    ...["run", "greet", "-M", MODULES, "-i", "192.0.2.1,", "--in-memory"],
    ...["name=Ann", "-B", "60"],
  ]);
  assertEquals(job.code, 1, job.stderr);
  assertStringIncludes(
    job.stdout + job.stderr,
    "Cannot run module greet in the background in memory: a job keeps its state",
  );
  assert(!job.stdout.includes("unreachable"));
});
