import { assertEquals, assertRejects } from "@std/assert";
import {
  parseArguments,
  parseArgumentText,
} from "../../../src/core/input/arguments.ts";

const files = new Map([
  ["a.yml", "name: x\nmode: 0644\nlist: [1, yes]\n"],
  ["a.json", '{"n": 1}'],
  ["secret", "s3cret\n"],
  ["list", "- 1\n"],
]);
const options = (module?: string) => ({
  module,
  readText: (path: string) =>
    files.has(path)
      ? Promise.resolve(files.get(path)!)
      : Promise.reject(new Deno.errors.NotFound(path)),
});

Deno.test("parseArguments() reads strings, values, files and secrets", async () => {
  assertEquals(
    await parseArguments(
      ["a=1", "b:=[1,true]", "c=x=y", "@a.json", "p:secret=@secret", "e="],
      options(),
    ),
    {
      args: { a: "1", b: [1, true], c: "x=y", n: 1, p: "s3cret", e: "" },
      secrets: ["p"],
    },
  );
});

Deno.test("parseArguments() reads files as YAML 1.1", async () => {
  const { args } = await parseArguments(["@a.yml"], options());
  assertEquals(args, { name: "x", mode: 420, list: [1, true] });
});

Deno.test("parseArguments() makes free form of words that are not the module's own", async () => {
  assertEquals(
    (await parseArguments(["ls", "my file", "chdir=/tmp"], options("command")))
      .args,
    { _raw_params: "ls 'my file'", chdir: "/tmp" },
  );
  assertEquals(
    (await parseArguments(["echo a=b | wc -c"], options("shell"))).args,
    { _raw_params: "echo a=b | wc -c" },
  );
});

Deno.test("parseArguments() names the word it cannot read", async () => {
  const cases: [string, string][] = [
    ["naked", 'the argument "naked": it is not KEY=VALUE'],
    ["k:={", "the JSON of k"],
    ["k:secret=plain", "a secret comes from a file"],
    ["@list", "arguments from list: they are not an object"],
  ];
  for (const [word, message] of cases) {
    await assertRejects(
      () => parseArguments([word], options()),
      SyntaxError,
      message,
    );
  }
});

Deno.test("parseArgumentText() splits at the first = and keeps free form as written", async () => {
  assertEquals(
    (await parseArgumentText(`k=v k2="v 2" k3=a=b`, options())).args,
    { k: "v", k2: "v 2", k3: "a=b" },
  );
  assertEquals((await parseArgumentText(`{"k": [1]}`, options())).args, {
    k: [1],
  });
  assertEquals(
    (await parseArgumentText(
      `echo "a  b" creates="/x y" > f`,
      options("ansible.builtin.shell"),
    )).args,
    { _raw_params: `echo "a  b" > f`, creates: "/x y" },
  );
});
