// Runs the gate's Python tests, test_*.py beside this file, on every interpreter
// at hand; those that are missing are skipped by name.
import { assert } from "@std/assert";
import { join } from "@std/path";
import { needPython, SUPPORTED } from "../support/interpreters.ts";

const folder = import.meta.dirname!;
const runtime = join(folder, "..", "..", "src", "gate", "runtime");

for (const version of SUPPORTED) {
  const { ignore, suffix, path } = needPython(version);
  Deno.test({
    name: `the runtime passes its tests on Python ${version}${suffix}`,
    ignore,
    async fn() {
      const { success, stderr } = await new Deno.Command(path, {
        args: ["-m", "unittest", "discover", "-s", folder],
        cwd: folder,
        // The runtime's sources are imported from the checkout: leave no traces.
        env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: runtime },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).output();
      assert(success, new TextDecoder().decode(stderr));
    },
  });
}
