// reboot with Ansible and with ftl, on a machine whose `reboot` ends its SSH server and
// all sessions, and starts another server a second later, with another boot id.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { HostResult } from "../../src/core/call/call.ts";
import { openHostFleet } from "../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../src/core/run/run.ts";
import type { JsonObject } from "../../src/protocol/message.ts";
import { runAnsible } from "../support/ansible.ts";
import { type Sshd, sshdNeed, startSshd } from "../support/sshd.ts";
import { ansibleNeed } from "./site.ts";

/** Ends the session that it runs in and its server, and starts another server. */
const REBOOT = (folder: string) =>
  `#!/bin/sh
pid=$$
while test "$pid" != "$(cat ${folder}/master)" && test "$pid" -gt 1; do
  session=$pid
  pid=$(sed -n 's/^PPid:.//p' /proc/$pid/status)
done
setsid sh -c '
  sleep 0.2
  kill "$1" $(cat ${folder}/master)
  sleep 1
  echo "boot $1" >${folder}/boot_id
  ${sshdNeed.path} -D -e -f ${folder}/sshd_config &
  echo $! >${folder}/master
' sh "$session" </dev/null >/dev/null 2>&1 &
`;

/** A machine that can be rebooted. */
class Machine implements AsyncDisposable {
  readonly sshd: Sshd;

  private constructor(sshd: Sshd) {
    this.sshd = sshd;
  }

  static async start(): Promise<Machine> {
    const sshd = await startSshd();
    const machine = new Machine(sshd);
    const { folder, pid, port, hostKey } = sshd;
    await machine.write("master", String(pid));
    await machine.write("boot_id", "boot 0");
    await machine.write("reboot", REBOOT(folder));
    await Deno.chmod(join(folder, "reboot"), 0o755);
    await machine.write("known_hosts", `[127.0.0.1]:${port} ${hostKey}\n`);
    return machine;
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(join(this.sshd.folder, name), text);
  }

  /** What both are told. */
  argsFor(args: JsonObject): JsonObject {
    const { folder } = this.sshd;
    return {
      boot_time_command: `cat ${folder}/boot_id`,
      reboot_command: `${folder}/reboot now`,
      ...JSON.parse(JSON.stringify(args).replaceAll("$F", folder)),
    };
  }

  async ftl(args: JsonObject, check = false): Promise<HostResult> {
    const { folder, port, user, identityFile } = this.sshd;
    await using fleet = await openHostFleet({
      hosts: [{
        name: "m",
        groups: [],
        vars: { ansible_host: "127.0.0.1", ansible_connection: "ssh" },
      }],
      sources: { dirs: [] },
      connection: {
        port,
        user,
        identityFiles: [identityFile],
        knownHostsFiles: [join(folder, "known_hosts")],
      },
      ssh: { config: "none", agentSocket: "", home: folder },
    });
    const call = { module: "reboot", args: this.argsFor(args), check };
    const { results } = await collect(run(fleet, call));
    return results.get("m")!;
  }

  async ansible(args: JsonObject, check = false) {
    const { folder, port, user, identityFile } = this.sshd;
    const known = `UserKnownHostsFile=${join(folder, "known_hosts")}`;
    const hosts = await runAnsible([
      ...["-i", "m,", "m", "-m", "reboot", "-a"],
      JSON.stringify(this.argsFor(args)),
      ...[
        "-e",
        `ansible_host=127.0.0.1 ansible_port=${port} ansible_ssh_use_tty=no`,
      ],
      ...["-u", user, "--private-key", identityFile],
      ...(check ? ["--check"] : []),
    ], {
      HOME: folder,
      ANSIBLE_SSH_ARGS: `-F none -o ControlMaster=no -o ${known}`,
    });
    return hosts.m!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const master = await Deno.readTextFile(join(this.sshd.folder, "master"));
    if (Number(master) !== this.sshd.pid) Deno.kill(Number(master), "SIGTERM");
    await this.sshd.stop();
  }
}

/** What must be equal of both results. */
function shapeOf(result: JsonObject | Record<string, unknown>): unknown {
  const { changed, failed, msg, rebooted } = result;
  return { changed: !!changed, failed: !!failed, msg, rebooted };
}

const CASES: readonly [does: string, args: JsonObject, check?: boolean][] = [
  ["reboots, and waits until the host is back", {}],
  ["would reboot", {}, true],
  ["fails with the command", {
    reboot_command: "/bin/sh -c 'echo no; echo never >&2; exit 3'",
  }],
  ["fails for what search_paths lack", {
    reboot_command: "no-such-command",
    search_paths: ["/bin", "$F"],
  }],
  ["fails without a boot time", { boot_time_command: "echo no; false" }],
  ["fails for an option", { reboot_comand: "x" }],
  ["fails when the host did not reboot", {
    reboot_command: "true",
    search_paths: "/bin",
    reboot_timeout: 2,
  }],
  ["fails with the test", { test_command: "false", reboot_timeout: 9 }],
];

const need = [ansibleNeed, sshdNeed].find(({ ignore }) => ignore) ?? sshdNeed;
const isWhole = Deno.env.get("FTL_TEST_CASES") === "all";

for (const [does, args, check] of CASES) {
  Deno.test({
    name: `reboot ${does}${need.suffix}`,
    ignore: need.ignore,
    fn: async () => {
      await using machine = await Machine.start();
      const { status, result } = await machine.ftl(args, check);
      const shape = shapeOf(result as JsonObject);
      if (does.startsWith("reboots")) {
        assertEquals(status, "changed");
        assertEquals(shape, {
          changed: true,
          failed: false,
          msg: undefined,
          rebooted: true,
        });
      }
      if (!isWhole) return;
      assertEquals(shape, shapeOf(await machine.ansible(args, check)));
    },
  });
}
