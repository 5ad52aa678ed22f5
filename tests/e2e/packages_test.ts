// A module that imports a package from a wheel, on the oldest and the newest
// Python: each gets the right version.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { makeBench } from "../gate/requirements/wheels.ts";
import { createAccount, parseLines } from "../support/ftl.ts";
import { needPython } from "../support/interpreters.ts";

const MODULE = `import sys
import stamp


def main(word="any"):
    return {"stamp": stamp.VERSION, "line": stamp.line(), "python": sys.version_info[1]}
`;

/** A wheel of the package, with its metadata. */
function wheel(version: string, python: string) {
  return {
    name: `stamp-${version}`,
    python,
    requires: ["ink>=1; python_version < '3.8'"],
    files: {
      "stamp/__init__.py": `VERSION = "${version}"\n\n\ndef line():\n` +
        `    try:\n        import ink\n    except ImportError:\n` +
        `        return "dry"\n    return ink.PAINT\n`,
    },
  };
}

const [oldest, newest] = [needPython("3.6"), needPython("3.13")];

Deno.test({
  name:
    `a package is imported on Python 3.6 and 3.13, each its own version${oldest.suffix}${newest.suffix}`,
  ignore: oldest.ignore || newest.ignore,
  fn: async () => {
    await using account = await createAccount();
    await using bench = await makeBench([
      wheel("1.5", ">=3.6"),
      wheel("2.0", ">=3.8"),
      { name: "ink-1.0", files: { "ink.py": 'PAINT = "blue"\n' } },
    ]);
    const requirements = await bench.write(
      "requirements.txt",
      "# what the module imports\nstamp \\\n  >= 1  # any\n",
    );
    await Deno.mkdir(join(bench.folder, "modules"));
    await bench.write("modules/stamped.py", MODULE);
    const inventory = await bench.write(
      "hosts.ini",
      `old ansible_python_interpreter=${oldest.path}\n` +
        `new ansible_python_interpreter=${newest.path}\n`,
    );
    const options = [
      ...["-i", inventory, "-c", "local", "--format", "ndjson"],
      ...["-M", join(bench.folder, "modules")],
    ];
    const { code, stdout, stderr } = await account.ftl([
      ...["run", "stamped", ...options],
      ...["-r", requirements, "--wheelhouse", bench.wheelhouse],
    ]);
    assertEquals(code, 0, stderr + stdout);
    const results = parseLines(stdout)
      .filter(({ event }) => event === "result")
      .map(({ host, result }) => [host, result]);
    assertEquals(Object.fromEntries(results), {
      old: { stamp: "1.5", line: "blue", python: 6 },
      new: { stamp: "2.0", line: "dry", python: 13 },
    });

    // A missing wheel is named before any host is contacted.
    await Deno.remove(join(bench.wheelhouse, "ink-1.0-py3-none-any.whl"));
    await Deno.remove(join(bench.wheelhouse, "stamp-2.0-py3-none-any.whl"));
    await Deno.remove(join(bench.wheelhouse, "stamp-1.5-py3-none-any.whl"));
    const missing = await account.ftl([
      ...["run", "stamped", ...options],
      ...["-r", requirements, "--wheelhouse", bench.wheelhouse],
    ]);
    assertEquals(missing.code, 2);
    assertMatch(
      missing.stderr,
      /Cannot find a wheel of stamp in .*requirements\.txt, line 2/,
    );
  },
});
