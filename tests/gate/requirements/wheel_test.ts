import { assertEquals, assertRejects } from "@std/assert";
import { BuildError } from "../../../src/errors.ts";
import {
  isFor,
  parseWheelName,
  readWheel,
} from "../../../src/gate/requirements/wheel.ts";
import { makeBench, type WheelSpec, writeWheels } from "./wheels.ts";

Deno.test("parseWheelName() reads the versions of Python, and whether the wheel is pure", () => {
  const cases: [name: string, pure: boolean, pythons: string[]][] = [
    ["six-1.16.0-py2.py3-none-any.whl", true, ["3.6", "3.14"]],
    ["a-1-py36-none-any.whl", true, ["3.6", "3.9"]],
    ["a-1-py39-none-any.whl", true, ["3.9", "3.14"]],
    ["a-1-cp39-none-any.whl", true, ["3.9"]],
    ["a-1-py2-none-any.whl", true, []],
    ["a-1-cp39-cp39-manylinux_2_17_x86_64.whl", false, ["3.9"]],
    ["a-1-cp37-abi3-macosx_11_0_arm64.whl", false, []],
    ["a-1-py3-none-manylinux2014_x86_64.whl", false, ["3.6", "3.9", "3.14"]],
  ];
  for (const [name, isPure, pythons] of cases) {
    const wheel = parseWheelName(name, name)!;
    assertEquals(wheel.isPure, isPure, name);
    for (const python of pythons) {
      assertEquals(isFor(wheel, python), true, `${name} for ${python}`);
    }
  }
  const [no] = [parseWheelName("", "a-1-py39-none-any.whl")!];
  assertEquals(isFor(no, "3.8"), false);
  assertEquals(parseWheelName("", "a-1.tar.gz"), undefined);
  assertEquals(parseWheelName("", "A.b_c-1-2x-py3-none-any.whl")?.build, 2);
  assertEquals(parseWheelName("", "A.b_c-1-py3-none-any.whl")?.name, "a-b-c");
});

async function read(spec: WheelSpec) {
  await using bench = await makeBench();
  const [path] = await writeWheels(bench.wheelhouse, [spec]);
  return await readWheel(await bench.reader.read(path!));
}

Deno.test("readWheel() returns the files of packages, and the requirements", async () => {
  const wheel = await read({
    name: "Some_Pkg-1.2",
    requires: ['idna<4,>=2.5; python_version < "3.9"', "x[y]"],
    python: ">=3.7",
    files: {
      "some/inner.py": "x = 1\n",
      "Some_Pkg-1.2.data/purelib/more.py": "",
      "Some_Pkg-1.2.data/scripts/tool": "#!python\n",
      "a,b.txt": "a name with a comma",
    },
    damage: (entries) => {
      const name = "Some_Pkg-1.2.dist-info/RECORD";
      const text = new TextDecoder().decode(entries.get(name));
      const quoted = text.replace(/^a,b\.txt,/m, '"a,b.txt",');
      entries.set(name, new TextEncoder().encode(quoted));
    },
  });
  assertEquals([wheel.name, wheel.version], ["some-pkg", "1.2"]);
  assertEquals(wheel.requiresPython, ">=3.7");
  assertEquals(wheel.requires.map(({ name }) => name), ["idna", "x"]);
  assertEquals(
    [...wheel.files.keys()].filter((path) => !path.includes("dist-info"))
      .sort(),
    ["Some_Pkg.py", "a,b.txt", "more.py", "some/inner.py"],
  );
});

Deno.test("readWheel() refuses wheels that are damaged, have compiled code, or reach outside", async () => {
  const change = (path: string) => (entries: Map<string, Uint8Array>) =>
    entries.set(path, new TextEncoder().encode("changed"));
  const cases: [message: string, spec: Partial<WheelSpec>][] = [
    ["a.py was changed", { damage: change("a.py") }],
    ["a.py is missing", { damage: (entries) => entries.delete("a.py") }],
    ["b.py is not in its RECORD", { smuggled: { "b.py": "" } }],
    ["it has no RECORD", {
      damage: (entries) => entries.delete("a-1.dist-info/RECORD"),
    }],
    ["it has no METADATA", {
      damage: (entries) => entries.delete("a-1.dist-info/METADATA"),
    }],
    ["it has compiled code: inner/fast.cpython-311-x86_64-linux-gnu.so", {
      files: { "inner/fast.cpython-311-x86_64-linux-gnu.so": "ELF" },
    }],
    ["it has a file outside its folder: ../../etc/cron.d/x", {
      smuggled: { "../../etc/cron.d/x": "" },
    }],
    ['"a b c" is not a requirement', { requires: ["a b c"] }],
  ];
  for (const [message, spec] of cases) {
    await assertRejects(
      () => read({ name: "a-1", ...spec }),
      BuildError,
      message,
    );
  }
});

Deno.test("readWheel() refuses a file that is not a zip", async () => {
  await using bench = await makeBench();
  const path = await bench.write("a-1-py3-none-any.whl", "<html>not found");
  const file = await bench.reader.read(path);
  await assertRejects(() => readWheel(file), BuildError, "it is not a zip");
});
