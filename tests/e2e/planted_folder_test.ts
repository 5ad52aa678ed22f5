// Another user of the host owns the folder where root would store a script, and
// replaces files in it with their own script as fast as possible.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { becomeNeed, makeBecomeSite } from "../core/become/site.ts";
import { createAccount } from "../support/ftl.ts";

/** Creates a folder of user $1 in place of root's; only the test's mount has it. */
const PLANT = `set -e
[ -d "$2" ] || mkdir -m 0700 "$2"
mount -t tmpfs -o mode=0755,uid="$1" tmpfs "$2"
cd "$2"
mkdir host host/calls
chmod 777 host host/calls
chown "$1" host host/calls`;

/** Reports that it has started, then replaces files until its input ends. */
const RACER = `
import os, select, sys
calls, evil = sys.argv[1] + "/host/calls", b"#!/bin/sh\\necho theirs $(id -u)\\n"
os.umask(0)
print("up", flush=True)
while not select.select([0], [], [], 0.0005)[0]:
    for name in os.listdir(calls):
        path = calls + "/" + name
        if name.endswith((".part", ".old")) or os.stat(path).st_uid == os.getuid():
            continue
        fd = os.open(path + ".new", os.O_WRONLY | os.O_CREAT, 0o777)
        os.write(fd, evil)
        os.close(fd)
        os.rename(path, path + ".old")
        os.rename(path + ".new", path)
`;

Deno.test({
  name:
    `a script runs safely as root when another user owns root's folder${becomeNeed.suffix}`,
  ignore: becomeNeed.ignore,
  fn: async () => {
    await using site = await makeBecomeSite();
    await using account = await createAccount();
    const { uid } = await Deno.stat(site.homeOf("outsider"));
    const inside = (words: readonly string[], stdin: "null" | "piped") => {
      const [program = "", ...args] = [...site.etc.wrapper, ...words];
      return new Deno.Command(program, { args, stdin, stdout: "piped" })
        .spawn();
    };
    const plant = async (folder: string) => {
      const words = ["sh", "-c", PLANT, "sh", String(uid), folder];
      assertEquals((await inside(words, "null").output()).code, 0);
    };
    const script = join(account.home, "ours.sh");
    await Deno.writeTextFile(script, "#!/bin/sh\necho ours $(id -u)\n");
    const run = async () => {
      const { stdout, stderr } = await account.ftl([
        ...["run", "script", script, ...site.flagsFor("free"), "-b"],
        ...["-e", "ansible_become_flags=-E", "--format", "json"],
      ]);
      const [result] = Object.values(JSON.parse(stdout || "{}").results ?? {});
      if (result === undefined) throw new Error(stdout + stderr);
      // deno-lint-ignore no-explicit-any
      return result as any;
    };

    // Root's folder in /var/tmp is the test's own; that in /tmp stays as it was.
    const own = [
      "mount",
      "-t",
      "tmpfs",
      "-o",
      "mode=1777",
      "tmpfs",
      "/var/tmp",
    ];
    assertEquals((await inside(own, "null").output()).code, 0);
    const folder = "/tmp/ftl-0";
    const wasThere = await Deno.lstat(folder).then(() => true, () => false);
    await plant(folder);
    const racer = inside([
      ...["setpriv", "--reuid", String(uid), "--regid", String(uid)],
      ...["--clear-groups", "/usr/bin/python3", "-c", RACER, folder],
    ], "piped");
    const reader = racer.stdout.getReader();
    try {
      await reader.read(); // "up"
      for (let time = 0; time < 3; time++) {
        assertEquals((await run()).result.stdout, "ours 0\n");
      }
      await plant("/var/tmp/ftl-0");
      const { status, error } = await run();
      assertEquals(status, "failed");
      assertStringIncludes(error.message, "no folder in HOME");
    } finally {
      await racer.stdin.close();
      await reader.cancel();
      await racer.status;
      if (!wasThere) await Deno.remove(folder).catch(() => {}); // used by now
    }
  },
});

Deno.test({
  name:
    `ftl doctor runs nothing as root from a folder of another user${becomeNeed.suffix}`,
  ignore: becomeNeed.ignore,
  fn: async () => {
    await using site = await makeBecomeSite();
    await using account = await createAccount();
    const args = ["--json", "-b", "-e", "ansible_become_flags=-E"];
    const { stdout } = await account.ftl([
      ...["doctor", "127.0.0.1", ...site.flagsFor("free"), ...args],
    ]);
    const home = site.homeOf("free");
    assertStringIncludes(
      stdout,
      `${await Deno.realPath(home)} can be changed by other users`,
    );
    const names = await Array.fromAsync(Deno.readDir(home), (e) => e.name);
    assertEquals(names.filter((name) => name.startsWith(".ftl")), []);
  },
});
