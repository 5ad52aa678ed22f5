// Every ansible-core on every Python: modules run, or one line reports that
// they cannot. All modules with FTL_TEST_CASES=all (the task test:ansible), otherwise
// only ping.
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import type { HostResult } from "../../src/core/call/call.ts";
import { openHostFleet } from "../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../src/core/run/run.ts";
import type { JsonObject } from "../../src/protocol/message.ts";
import { openStore } from "../../src/store/store.ts";
import { needCore } from "../support/cores.ts";
import { needPython, SUPPORTED } from "../support/interpreters.ts";

/** The Pythons of each core, oldest and newest: docs/modules.md. */
const PAIRS: Readonly<
  Record<string, readonly [oldest: string, newest: string]>
> = {
  "2.8": ["3.6", "3.11"],
  "2.9": ["3.6", "3.11"],
  "2.10": ["3.6", "3.11"],
  "2.11": ["3.6", "3.11"],
  "2.12": ["3.6", "3.13"],
  "2.13": ["3.6", "3.13"],
  "2.14": ["3.6", "3.13"],
  "2.15": ["3.6", "3.13"],
  "2.16": ["3.6", "3.13"],
  "2.17": ["3.7", "3.13"],
  "2.18": ["3.8", "3.13"],
  "2.19": ["3.8", "3.13"],
  "2.22": ["3.9", "3.13"],
};
/** Gates and packs, made once for all Pythons. */
const storeFolder = await Deno.makeTempDir({ prefix: "ftl-matrix-store-" });
addEventListener(
  "unload",
  () => Deno.removeSync(storeFolder, { recursive: true }),
);
const isWhole = Deno.env.get("FTL_TEST_CASES") === "all";

for (const [series, [oldest, newest]] of Object.entries(PAIRS)) {
  for (const version of SUPPORTED) {
    const runs = minor(version) >= minor(oldest) &&
      minor(version) <= minor(newest);
    const lack = [needCore(series), needPython(version)]
      .find(({ ignore }) => ignore);
    const says = runs ? "runs" : "is refused in one line";
    Deno.test({
      name: `ansible-core ${series} ${says} on Python ${version}${
        lack?.suffix ?? ""
      }`,
      ignore: lack !== undefined,
      fn: async () => {
        await using host = await TestHost.make(series, version);
        if (runs) await testModules(host);
        else await testRefusal(host, series);
      },
    });
  }
}

function minor(version: string): number {
  return Number(version.split(".")[1]);
}

async function testRefusal(host: TestHost, series: string): Promise<void> {
  const { status, result, stderr = "" } = await host.call("ping");
  assertEquals(status, "failed");
  // A core that can be read that far says so itself.
  const own = (result as JsonObject | null)?.msg;
  if (own !== undefined) {
    assertMatch(String(own), /^(?:Ansible|ansible-core) requires .*Python /i);
    return;
  }
  const line = stderr.trim();
  assertEquals(line.split("\n").length, 1, line);
  assert(line.startsWith(`ansible-core ${series}.`), line);
}

async function testModules(host: TestHost): Promise<void> {
  assertEquals(await host.said("ping"), { ping: "pong" });
  if (!isWhole) return;
  const file = join(host.folder, "f");
  const { ansible_facts } = await host.said("setup", { gather_subset: "min" });
  assert((ansible_facts as JsonObject).ansible_python_version);
  await host.said("copy", { content: "one\n", dest: file, mode: "0640" });
  const line = { path: file, line: "two" };
  assertEquals((await host.said("lineinfile", line)).changed, true);
  assertEquals((await host.said("lineinfile", line)).changed, false);
  assertEquals(await Deno.readTextFile(file), "one\ntwo\n");
  const { stat } = await host.said("stat", { path: file });
  assertEquals((stat as JsonObject).mode, "0640");
  const { stdout } = await host.said("command", { _raw_params: "echo a b" });
  assertEquals(stdout, "a b");
  await host.said("file", { path: file, state: "absent" });
  const again = await host.call("file", { path: file, mode: "0600" });
  assertEquals(again.status, "failed");
  assertStringIncludes(JSON.stringify(again.result), "is absent");
  await testRespawn(host);
}

/** apt goes on in the interpreter that has its bindings, where there is one. */
async function testRespawn(host: TestHost): Promise<void> {
  if (minor(host.series) < 11 || !await hasApt()) return;
  const result = await host.call("apt", { name: "bash" }, { check: true });
  assertEquals(result.status, "ok", JSON.stringify(result));
}

async function hasApt(): Promise<boolean> {
  const python = "/usr/bin/python3";
  try {
    const args = ["-c", "import apt"];
    return (await new Deno.Command(python, { args, stderr: "null" }).output())
      .success;
  } catch {
    return false; // there is no such interpreter
  }
}

/** This machine with one Python, and the modules of one core. */
class TestHost implements AsyncDisposable {
  readonly folder: string;
  readonly series: string;
  readonly #fleet: Awaited<ReturnType<typeof openHostFleet>>;

  private constructor(
    folder: string,
    series: string,
    fleet: Awaited<ReturnType<typeof openHostFleet>>,
  ) {
    this.folder = folder;
    this.series = series;
    this.#fleet = fleet;
  }

  static async make(series: string, version: string): Promise<TestHost> {
    const folder = await Deno.makeTempDir({ prefix: "ftl-matrix-" });
    const python = join(folder, "python");
    await Deno.writeTextFile(
      python,
      `#!/bin/sh\nHOME=${folder}\nexport HOME\n` +
        `exec ${needPython(version).path} "$@"\n`,
      { mode: 0o755 },
    );
    const vars = {
      ansible_connection: "local",
      ansible_python_interpreter: python,
    };
    const fleet = await openHostFleet({
      hosts: [{ name: "here", groups: [], vars }],
      store: await openStore(storeFolder),
      sources: { dirs: [needCore(series).path] },
    });
    return new TestHost(folder, series, fleet);
  }

  async call(
    module: string,
    args: JsonObject = {},
    { check = false } = {},
  ): Promise<HostResult> {
    const report = await collect(run(this.#fleet, { module, args, check }));
    return report.results.get("here")!;
  }

  /** What a call says that must not fail. */
  async said(module: string, args: JsonObject = {}): Promise<JsonObject> {
    const result = await this.call(module, args);
    assert(["ok", "changed"].includes(result.status), JSON.stringify(result));
    const { warnings: _, ...said } = result.result as JsonObject;
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}
