// The scripts of docs/scale.md, run as the schedulers run them, on hosts of a real
// OpenSSH server.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { parse } from "yaml";
import { mainCommand } from "../support/ftl.ts";
import { type Need, needProgram } from "../support/need.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

const PAGE = fromFileUrl(new URL("../../docs/scale.md", import.meta.url));
const HOSTS = 12;

interface Lab {
  readonly folder: string;
  readonly fleet: OpensshFleet;
  readonly names: readonly string[];
  /** Makes a program on the PATH from the text of a shell script. */
  program(name: string, text: string): Promise<void>;
  /** Runs a script in the folder, and returns its output. */
  sh(script: string, options?: {
    env?: Record<string, string>;
    /** Nothing is inherited from this process. */
    isBare?: boolean;
    exit?: number;
  }): Promise<string>;
}

function test(
  name: string,
  fn: (lab: Lab) => Promise<void>,
  needs: readonly Need[] = [],
): void {
  const missing = [sshdNeed, ...needs].find(({ ignore }) => ignore);
  Deno.test({
    name: name + (missing?.suffix ?? ""),
    ignore: missing !== undefined,
    fn: () => withLab(fn),
  });
}

/** A folder with `ftl` on its PATH and an inventory of real hosts. */
async function withLab(fn: (lab: Lab) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const fleet = await startOpensshFleet({ hosts: HOSTS });
  try {
    const { command, env } = mainCommand(folder);
    const bin = join(folder, "bin");
    await Deno.mkdir(bin);
    const program = (name: string, text: string) =>
      Deno.writeTextFile(join(bin, name), `#!/bin/sh\n${text}\n`, {
        mode: 0o755,
      });
    const words = command.map((word) => `'${word}'`).join(" ");
    const knownHosts = `FTL_KNOWN_HOSTS='${fleet.knownHosts}'`;
    await program("ftl", `${knownHosts} exec ${words} "$@"`);
    await Deno.copyFile(fleet.inventory, join(folder, "hosts.yml"));
    await fn({
      ...{ folder, fleet, program },
      names: fleet.hosts.map((host) => host.name),
      sh: async (script, { env: more = {}, isBare = false, exit = 0 } = {}) => {
        const path = `${bin}:${
          isBare ? "/usr/bin:/bin" : Deno.env.get("PATH")
        }`;
        const { code, stdout, stderr } = await new Deno.Command("sh", {
          args: ["-c", script],
          cwd: folder,
          clearEnv: isBare,
          env: { ...env, ...more, PATH: path },
        }).output();
        assertEquals(code, exit, new TextDecoder().decode(stderr));
        return new TextDecoder().decode(stdout);
      },
    });
  } finally {
    await fleet.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

async function blockOf(language: string): Promise<string> {
  const page = await Deno.readTextFile(PAGE);
  return new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(page)![1]!;
}

/** Requires that a merged run has each host once, with the answer of `uptime`. */
function assertWhole(text: string, { names }: Lab): void {
  const { results, summary } = JSON.parse(text);
  assertEquals(Object.keys(results).toSorted(), names.toSorted());
  assertEquals(summary.ok, names.length);
  assertMatch(results.h01.result.stdout, /load average/);
}

/** A scheduler with as many tasks as the script asks for. */
const SBATCH = `case $1 in
--parsable)
  last=$(sed -n 's/^#SBATCH --array=0-//p' "$2")
  grep -q '^#SBATCH --no-requeue' "$2" || exit 9
  for task in $(seq 0 "$last"); do
    SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_MIN=0 \\
      SLURM_ARRAY_TASK_COUNT=$((last + 1)) sh "$2"
  done
  echo 7;;
--wait)
  for word; do
    case $word in
      --dependency=*) [ "$word" = --dependency=afterany:7 ] || exit 9;;
      --output=*) output=\${word#*=};;
      --wrap=*) sh -c "\${word#*=}" > "$output" || exit;;
    esac
  done;;
esac`;

test("tasks of a Slurm array cover each host once, and merge into one run", async (lab) => {
  await lab.program("sbatch", SBATCH);
  await Deno.writeTextFile(
    join(lab.folder, "part.sh"),
    await blockOf("sh slurm"),
  );
  await lab.sh(await blockOf("sh slurm-merge"));
  assertMatch(
    await Deno.readTextFile(join(lab.folder, "merged.txt")),
    /12 hosts: 12 ok/,
  );
  assertWhole(await lab.sh("ftl runs merge part*.ndjson --format json"), lab);
});

/** Mounts a secret as Kubernetes does: links in a folder that all may write to. */
async function mountSecret({ folder, fleet }: Lab, mode: number) {
  const mount = join(folder, "secret");
  const data = join(mount, "..2026_11_29");
  await Deno.mkdir(data, { recursive: true });
  await Deno.chmod(mount, 0o1777);
  await Deno.symlink("..2026_11_29", join(mount, "..data"));
  const inventory = await Deno.readTextFile(fleet.inventory);
  const files = {
    "hosts.yml": inventory.replace(/^.*private_key_file.*\n/m, ""),
    known_hosts: await Deno.readTextFile(fleet.knownHosts),
    id_ed25519: await Deno.readTextFile(fleet.sshd.identityFile),
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(data, name), text, { mode });
    await Deno.symlink(`..data/${name}`, join(mount, name));
  }
  return mount;
}

test("pods of a Kubernetes job cover each host once, and merge into one run", async (lab) => {
  // Kubernetes reads YAML 1.1, in which 0400 is octal.
  const { spec } = parse(await blockOf("yaml"), { version: "1.1" });
  const { containers: [pod], volumes: [volume] } = spec.template.spec;
  const mount = await mountSecret(lab, volume.secret.defaultMode);
  assertEquals([spec.backoffLimitPerIndex, spec.completions], [0, 8]);
  const script = pod.command[2].replaceAll(pod.volumeMounts[0].mountPath, mount)
    .replace("/dev/termination-log", "message");
  for (let index = 0; index < spec.completions; index++) {
    const log = await lab.sh(script, {
      env: {
        JOB_COMPLETION_INDEX: String(index),
        [pod.env[0].name]: pod.env[0].value,
      },
    });
    await Deno.writeTextFile(join(lab.folder, `log-ftl-${index}`), log);
  }
  await lab.program(
    "kubectl",
    `case $1 in
get) for log in log-ftl-?; do echo "pod/\${log#log-}"; done;;
logs) cat "log-\${2#pod/}";;
esac`,
  );
  const merge = await blockOf("sh kubernetes-merge");
  assertWhole(
    await lab.sh(merge.replace("ftl-*.ndjson", "$& --format json")),
    lab,
  );
});

test("a key of a Kubernetes secret that others can read is refused", async (lab) => {
  const mount = await mountSecret(lab, 0o644);
  const output = await lab.sh(
    `ftl exec -i ${mount}/hosts.yml --private-key ${mount}/id_ed25519 -- true`,
    { exit: 3 },
  );
  assertMatch(output, /other users can read it/);
});

test(
  "GNU parallel runs the parts side by side",
  async (lab) => {
    const output = await lab.sh(await blockOf("sh parallel"));
    assert(output.includes("12 hosts: 12 ok"), output);
  },
  [needProgram("parallel")],
);

test(
  "cron runs the part of each bastion, and the parts merge",
  async (lab) => {
    const { folder, fleet } = lab;
    const [variable, line] = (await blockOf("cron")).trim().split("\n");
    assertEquals(variable, "PATH=/usr/local/bin:/usr/bin:/bin");
    const [, command] = /^(?:[\d*]+ ){5}root (.*)$/.exec(line!)!;
    assert(!command!.includes("%"), "cron ends a command at a %");
    const bastions = fleet.hosts.slice(0, 3);
    for (const [i, { home }] of bastions.entries()) {
      const own = command!.replace("2/3", `${i + 1}/3`)
        .replace("/etc/ftl/", `${folder}/`)
        .replace("/run/", `${home}/`)
        .replaceAll("/var/log/", `${home}/`);
      await lab.sh(own, { isBare: true });
      // While a run goes on, the next one is left out and spoils nothing.
      await Deno.writeTextFile(join(folder, "again"), own);
      await lab.sh(`flock ${home}/ftl.lock sh again`, {
        isBare: true,
        exit: 1,
      });
    }
    const names = bastions.map(({ name }) => name).join(",");
    const merge = (await blockOf("sh cron-merge"))
      .replace("/var/log/ftl.json", "'~/ftl.json'")
      .replace("bastions.yml", `hosts.yml -l ${names}`)
      .replace("*/ftl.json", "$& --format json");
    const output = await lab.sh(merge);
    assertWhole(output.slice(output.indexOf("{")), lab);
  },
  [needProgram("flock")],
);
