// sudo stops itself when its command is stopped, and does not go on with it. Nothing
// may be left of it when the controller has gone.
import { join } from "@std/path";
import { collect, exec, loadHosts, openFleet } from "../../../src/mod.ts";
import { eventually } from "../../support/ftl.ts";
import { need, needProgram } from "../../support/need.ts";

const sudo = needProgram("sudo");
const root = need("root", Deno.uid() === 0 ? "/" : undefined);

/** The state and the parent of a process; undefined when it has ended. */
async function processOf(
  pid: number,
): Promise<{ state: string; parent: number } | undefined> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`)
    .catch(() => undefined);
  const [state, parent] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ??
    [];
  return state === undefined || state === "Z"
    ? undefined
    : { state, parent: Number(parent) };
}

Deno.test({
  name:
    `a sudo that has stopped itself ends with its connection${sudo.suffix}${root.suffix}`,
  ignore: sudo.ignore || root.ignore || Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const marker = join(folder, "pid");
      const fleet = await openFleet({
        hosts: await loadHosts({ inventory: "localhost," }),
        store: null,
        connection: { transport: "local", become: { enabled: true } },
      });
      const stop = new AbortController();
      const running = collect(
        exec(fleet, `echo $$ >${marker}; sleep 600`, { signal: stop.signal }),
      );
      let shell = 0;
      await eventually("the command runs", async () => {
        shell = Number(await Deno.readTextFile(marker).catch(() => "0"));
        return shell > 0;
      });
      const monitor = (await processOf(shell))!.parent;
      const front = (await processOf(monitor))!.parent;
      Deno.kill(shell, "SIGSTOP");
      await eventually(
        "sudo has stopped itself",
        async () => (await processOf(front))?.state === "T",
      );
      Deno.kill(shell, "SIGCONT");
      stop.abort();
      await running;
      await fleet.close();
      for (const pid of [front, shell]) {
        await eventually(
          "its end",
          async () => await processOf(pid) === undefined,
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
