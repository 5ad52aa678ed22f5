// Runs the gate's Python tests, test_*.py beside this file, on every interpreter
// at hand; those that are missing are skipped by name.
import { assert } from "@std/assert";
import { join } from "@std/path";
import { needPython, SUPPORTED } from "../support/interpreters.ts";

const folder = import.meta.dirname!;
const runtime = join(folder, "..", "..", "src", "gate", "runtime");
/** Many of them wait for what a gate does in time. */
const AT_ONCE = 3;

for (const version of SUPPORTED) {
  const { ignore, suffix, path } = needPython(version);
  Deno.test({
    name: `the runtime passes its tests on Python ${version}${suffix}`,
    ignore,
    async fn() {
      const waiting = testModules();
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
