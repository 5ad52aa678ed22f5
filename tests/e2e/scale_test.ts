// The scripts of docs/scale.md, run as the schedulers run them.
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { mainCommand } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";

const PAGE = fromFileUrl(new URL("../../docs/scale.md", import.meta.url));
const HOSTS = Array.from({ length: 20 }, (_, i) => `h${i + 1}`);

/** A folder with `ftl` on its PATH, an inventory, and a way to run scripts. */
async function withFolder(
  test: (
    folder: string,
    sh: (script: string, env?: Record<string, string>) => Promise<string>,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { command, env } = mainCommand(folder);
    const bin = join(folder, "bin");
    await Deno.mkdir(bin);
    const words = command.map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(
      join(bin, "ftl"),
      `#!/bin/sh\nexec ${words} "$@"\n`,
      { mode: 0o755 },
    );
    const hosts = Object.fromEntries(HOSTS.map((name) => [name, null]));
    await Deno.writeTextFile(
      join(folder, "hosts.yml"),
      JSON.stringify({
        all: { hosts, vars: { ansible_connection: "local" } },
      }),
    );
    await test(folder, async (script, more = {}) => {
      const { success, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", script],
        cwd: folder,
        env: { ...env, ...more, PATH: `${bin}:${Deno.env.get("PATH")}` },
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function blockOf(language: string): Promise<string> {
  const page = await Deno.readTextFile(PAGE);
  return new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(page)![1]!;
}

Deno.test("tasks of a Slurm array cover each host once, and merge into one run", async () => {
  const script = await blockOf("sh slurm");
  await withFolder(async (_, sh) => {
    for (let task = 0; task < 8; task++) {
      await sh(script, {
        SLURM_ARRAY_TASK_ID: String(task),
        SLURM_ARRAY_TASK_MIN: "0",
        SLURM_ARRAY_TASK_COUNT: "8",
      });
    }
    const merged = JSON.parse(
      await sh("ftl runs merge part?.ndjson --format json"),
    );
    assertEquals(Object.keys(merged.results).toSorted(), HOSTS.toSorted());
    assertEquals(merged.summary.ok, 20);
  });
});

Deno.test("pods of a Kubernetes job cover each host once", async () => {
  const page = await blockOf("yaml");
  const [, script] = /^ +- (exec ftl .*)$/m.exec(page)!;
  const completions = /completions: (\d+)/.exec(page)![1]!;
  await withFolder(async (_, sh) => {
    const hosts: string[] = [];
    for (let index = 0; index < Number(completions); index++) {
      const events = await sh(script!.replace("/etc/ftl/", ""), {
        JOB_COMPLETION_INDEX: String(index),
        JOB_COMPLETIONS: completions,
      });
      hosts.push(...JSON.parse(events.split("\n")[0]!).hosts);
    }
    assertEquals(hosts.toSorted(), HOSTS.toSorted());
  });
});

const parallel = needProgram("parallel");

Deno.test({
  name: `GNU parallel runs the parts side by side${parallel.suffix}`,
  ignore: parallel.ignore,
  fn: async () => {
    const script = await blockOf("sh parallel");
    await withFolder(async (_, sh) => {
      assert((await sh(script)).includes("20 hosts: 20 ok"));
    });
  },
});
