// Runs the gate's Python tests, test_*.py beside this file, on every installed
// interpreter; missing ones are skipped by name. FTL_TEST_FULL=1, which
// `deno task test:py` sets, runs all tests on all of them.
import { assert } from "@std/assert";
import { join } from "@std/path";
import { needPython, SUPPORTED } from "../support/interpreters.ts";

const folder = import.meta.dirname!;
const runtime = join(folder, "..", "..", "src", "gate", "runtime");
/** Many of them spend their time waiting. */
const AT_ONCE = 3;
/** Slow, and about processes, pipes and files, which all Pythons share. */
const SLOW = [
  "test_terminate",
  "test_folder",
  "test_link",
  "test_output",
  "test_jobs",
];
/** The interpreters that run the slow ones too: the oldest, Debian 12's, the newest. */
const WHOLE = [SUPPORTED.at(0), "3.11", SUPPORTED.at(-1)];

for (const version of SUPPORTED) {
  const { ignore, suffix, path } = needPython(version);
  Deno.test({
    name: `the runtime passes its tests on Python ${version}${suffix}`,
    ignore,
    async fn() {
      const isWhole = WHOLE.includes(version) || Deno.env.has("FTL_TEST_FULL");
      const waiting = testModules()
        .filter((name) => isWhole || !SLOW.includes(name));
      const failures: string[] = [];
      const work = async () => {
        for (let name = waiting.pop(); name; name = waiting.pop()) {
          const { success, stderr } = await runTests(path, name);
          if (!success) failures.push(new TextDecoder().decode(stderr));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      assert(failures.length === 0, failures.join("\n"));
    },
  });
}

function testModules(): string[] {
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => /^(test_\w+)\.py$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
}

function runTests(python: string, module: string) {
  return new Deno.Command(python, {
    args: ["-m", "unittest", module],
    cwd: folder,
    // The runtime's sources are imported from the checkout: leave no traces.
    env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: runtime },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
}
