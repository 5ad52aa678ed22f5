import { assertEquals, assertRejects } from "@std/assert";
import { BuildError } from "../../../src/errors.ts";
import { readRequirements } from "../../../src/gate/requirements/requirements_file.ts";
import { makeBench } from "./wheels.ts";

Deno.test("readRequirements() reads a file as pip does", async () => {
  await using bench = await makeBench();
  await bench.write("more.txt", "-c bounds.txt\nidna\n-r all.txt\n");
  await bench.write("bounds.txt", "urllib3<2\n");
  const path = await bench.write(
    "all.txt",
    `# what we need
requests[socks] >= 2.8 , \\
    < 3   # not yet

  tomli ; python_version < "3.11"
--requirement=more.txt
attrs==23.1.0 \\
    --hash=sha256:aa \\
    --hash=sha512:BB
-i https://packages.example.org/simple
name#no-comment>=1 # a comment
`.replace("name#no-comment>=1 ", "certifi "),
  );
  const { wanted, constraints, warnings } = await readRequirements(
    bench.reader,
    [path],
  );
  assertEquals(
    wanted.map(({ name, specifier, by, hashes }) =>
      [name, specifier, by.replace(bench.folder, ""), ...hashes].join("|")
    ),
    [
      "requests|>= 2.8 ,     < 3|/all.txt, line 2",
      "tomli||/all.txt, line 5",
      "idna||/more.txt, line 2",
      "attrs|==23.1.0|/all.txt, line 7|sha256:aa|sha512:bb",
      "certifi||/all.txt, line 11",
    ],
  );
  assertEquals(constraints.map(({ name }) => name), ["urllib3"]);
  assertEquals(warnings.map((text) => text.replace(bench.folder, "")), [
    "/all.txt, line 10: -i is ignored, because wheels come from wheelhouses only",
  ]);
});

Deno.test("readRequirements() names a line that is not supported", async () => {
  const cases = {
    "-e .": "line 2: -e is not supported",
    "--no-binary :all:": "line 2: --no-binary is not supported",
    "./local": "line 2: ./local is a file or a URL",
    "https://example.org/a.whl": "is a file or a URL",
    "a @ https://example.org/a.whl":
      'line 2: "a @ https://example.org/a.whl" has a URL',
    "a-1.0-py3-none-any.whl": "is a file or a URL",
    "a==${VERSION}": "line 2: variables are not supported",
    "a --global-option=x": "line 2: --global-option is not supported",
    "a; python_verison > '3'":
      "line 2: \"python_verison > '3'\" is not a marker",
    "a b": 'line 2: "a b" is not a requirement',
    "-r": "line 2: -r has no value",
  };
  for (const [line, message] of Object.entries(cases)) {
    await using bench = await makeBench();
    const path = await bench.write("all.txt", `idna\n${line}\n`);
    await assertRejects(
      () => readRequirements(bench.reader, [path]),
      BuildError,
      message,
      line,
    );
  }
});
