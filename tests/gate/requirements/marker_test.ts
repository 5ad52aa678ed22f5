import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  environmentsOf,
  holds,
  parseMarker,
} from "../../../src/gate/requirements/marker.ts";
import { runPython } from "../../support/ansible.ts";
import { findProgram, need } from "../../support/need.ts";

const python = findProgram("python3");
const packaging = need("packaging (Python)", python && canImport(python));

function canImport(python: string): string | undefined {
  const { success } = new Deno.Command(python, {
    args: ["-c", "import packaging.markers"],
    stderr: "null",
  }).outputSync();
  return success ? python : undefined;
}

const MARKERS = [
  'python_version < "3.8"',
  "python_version>='3.8' and python_version != '3.10'",
  'python_version in "3.6 3.7"',
  'python_version not in "3.6 3.7"',
  '(python_version < "3.7" or sys_platform == "darwin") and os_name == "posix"',
  'python_version < "3.7" or sys_platform == "darwin" and os_name == "nt"',
  'python_full_version < "3.9.1"',
  'python_full_version ~= "3.9.0"',
  'python_version == "3.*"',
  'platform_machine == "x86_64"',
  'platform_system != "Windows"',
  'platform_python_implementation == "CPython"',
  'implementation_name == "pypy"',
  '"linux" in sys_platform',
  'extra == "socks"',
  'extra == "Brotli_X"',
  '"3.6" <= python_version',
];

Deno.test({
  name: `markers mean what they mean to pip${packaging.suffix}`,
  ignore: packaging.ignore,
  fn: async () => {
    const environments = ["3.6", "3.9", "3.10", "3.12"].flatMap(environmentsOf)
      .flatMap((each) =>
        ["", "socks", "brotli-x"].map((extra) => ({ ...each, extra }))
      );
    const ours = MARKERS.map((marker) =>
      environments.map((each) => holds(parseMarker(marker), each))
    );
    const theirs = await runPython(
      packaging.path,
      new URL("markers_by_packaging.py", import.meta.url),
      JSON.stringify({ markers: MARKERS, environments }),
    ) as boolean[][];
    for (const [i, marker] of MARKERS.entries()) {
      assertEquals(ours[i], theirs[i], marker);
    }
  },
});

Deno.test("parseMarker() accepts the old names of variables", () => {
  const [linux] = environmentsOf("3.9");
  assert(holds(parseMarker("sys.platform == 'linux'"), linux!));
  assert(holds(parseMarker("python_implementation == 'CPython'"), linux!));
});

Deno.test("parseMarker() refuses other text", () => {
  const bad = [
    "",
    "python_version",
    "python_version <",
    'python_version < "3.8" and',
    '(python_version < "3.8"',
    'python_version < "3.8" "x"',
    'python_verison < "3.8"',
    'python_version < "3.8',
  ];
  for (const text of bad) {
    assertThrows(() => parseMarker(text), SyntaxError, "not a marker", text);
  }
});
