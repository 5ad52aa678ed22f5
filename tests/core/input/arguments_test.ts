import { stringifyExact } from "../../../src/json/exact_number.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/protocol/message.ts";
import {
  parseArguments,
  parseArgumentText,
} from "../../../src/core/input/arguments.ts";

const files = new Map([
  ["a.yml", "name: x\nmode: 0644\nlist: [1, yes]\n"],
  ["a.json", '{"n": 1}'],
  ["secret", "s3cret\n"],
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
      [
        ...["a=1", "b:=[1,true]", "c=x=y", "@a.json", "p:secret=@secret", "e="],
        ...["r:raw={{ x }}", "s:raw=1", "s=2"],
      ],
      options(),
    ),
    {
      args: {
        ...{ a: "1", b: [1, true], c: "x=y", n: 1, p: "s3cret", e: "" },
        ...{ r: "{{ x }}", s: "2" },
      },
      secrets: ["p"],
      literal: ["p", "r"],
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
  ];
  for (const [word, message] of cases) {
    await assertRejects(
      () => parseArguments([word], options()),
      SyntaxError,
      message,
    );
  }
});

Deno.test("parseArguments() names the place in a file that it cannot read", async () => {
  const cases: [string, string][] = [
    ["- 1\n", "Cannot read f.yml:1:1: the arguments are not a mapping"],
    ["a: [1\nb: 2\n", "Cannot read f.yml:1:5: implicit keys"],
    ["a: !foo x\n", "Cannot read f.yml:1:9: the tag !foo has no meaning here"],
    [
      "a: !!binary //8=\n",
      "Cannot read f.yml:1:13: the binary data is not UTF-8",
    ],
    [`a: ${"[".repeat(5000)}`, "Cannot read f.yml: it is nested too deeply"],
    [
      `a: ${"[".repeat(199)}{b: 1}${"]".repeat(199)}`,
      "Cannot read f.yml: a is nested more than 200 levels deep",
    ],
  ];
  for (const [text, message] of cases) {
    const error = await assertRejects(
      () =>
        parseArguments(["@f.yml"], { readText: () => Promise.resolve(text) }),
      InventoryError,
      message,
    );
    assertEquals(error.message.split("\n").length, 1);
  }
});

Deno.test("parseArguments() takes JSON with the habits that Ansible allows", async () => {
  const cases: [string, unknown][] = [
    ['\ufeff{"a": 1}', { a: 1 }],
    ['{"a": [1, 2,],}', { a: [1, 2] }],
    ['{"a": 1.5}', { a: 1.5 }],
    ['{"a": {"__ansible_unsafe": "{{ x }}"}}', { a: "{{ x }}" }],
    ['{\n\t"a": 1\n}\n', { a: 1 }],
    ["", {}],
  ];
  for (const [text, expected] of cases) {
    const { args } = await parseArguments(["@f"], {
      readText: () => Promise.resolve(text),
    });
    assertEquals(args, expected as JsonObject, text);
  }
});

Deno.test("parseArguments() warns of a key that a file has twice", async () => {
  const warnings: string[] = [];
  const { args } = await parseArguments(["@f.yml"], {
    readText: () => Promise.resolve("a: 1\na: 2\n"),
    onWarning: (text) => warnings.push(text),
  });
  assertEquals(args, { a: 2 });
  assertEquals(warnings, [
    "f.yml:2:1: the key a is already in line 1; this one wins",
  ]);
});

Deno.test("parseArguments() warns of a key that JSON has twice", async () => {
  const said = async (words: string[], text = "") => {
    const warnings: string[] = [];
    const { args } = await parseArguments(words, {
      readText: () => Promise.resolve(text),
      onWarning: (text) => warnings.push(text),
    });
    return [args.a, ...warnings];
  };
  const text = '{"b": {"a": 0},\n "a": 1,\n "\\u0061": {"x": 1, "x": 2}}';
  assertEquals(await said(["@f.json"], text), [
    { x: 2 },
    "f.json:3: the key a is already in line 2; this one wins",
    "f.json:3: the key x is already in line 3; this one wins",
  ]);
  assertEquals(await said(['a:={"x": 1, "x": [{"x": 2}]}']), [
    { x: [{ x: 2 }] },
    "a: the key x is already in line 1; this one wins",
  ]);
});

Deno.test("arguments hold the numbers that only Python's json has", async () => {
  const json = '{"a": NaN, "b": [Infinity, -Infinity]}';
  const yaml = "a: .nan\nb: [.inf, -.INF]\n";
  for (const text of [json, yaml]) {
    const { args } = await parseArguments(["@f"], {
      readText: () => Promise.resolve(text),
    });
    assertEquals(stringifyExact(args), json.replaceAll(" ", ""));
  }
  const { args } = await parseArguments(["a:=[NaN]"], options());
  assertEquals(stringifyExact(args), '{"a":[NaN]}');
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

Deno.test("parseArguments() takes a word's value as it is", async () => {
  const words = ["re=^\\s*P", 'q="a b"', "n=\\n", "p=a\\=b"];
  assertEquals((await parseArguments(words, options())).args, {
    re: "^\\s*P",
    q: '"a b"',
    n: "\\n",
    p: "a\\=b",
  });
});

Deno.test("parseArgumentText() reads JSON, files and secrets beside Ansible's words", async () => {
  assertEquals(
    await parseArgumentText(
      `a:=[1,true] b:='{"k": "x\\ny"}' c:="1 2" d:=2 @a.json ` +
        `p:secret=@secret q:secret="@secret" e="@x" r:raw="{{ x }}"`,
      options(),
    ),
    {
      args: {
        a: [1, true],
        b: { k: "x\ny" },
        c: "1 2",
        d: 2,
        n: 1,
        p: "s3cret",
        q: "s3cret",
        e: "@x",
        r: "{{ x }}",
      },
      secrets: ["p", "q"],
      literal: ["p", "q", "r"],
    },
  );
  for (const text of ['@"a.json"', '"@a.json"']) {
    assertEquals((await parseArgumentText(text, options())).args, { n: 1 });
  }
});

Deno.test("parseArgumentText() gives commands JSON for their own options alone", async () => {
  assertEquals(
    await parseArgumentText(
      `stdin:secret=@secret a:=1 @a.json strip_empty_ends:=false`,
      options("shell"),
    ),
    {
      args: {
        stdin: "s3cret",
        strip_empty_ends: false,
        _raw_params: "a:=1 @a.json",
      },
      secrets: ["stdin"],
      literal: ["stdin"],
    },
  );
  const object = `{"_raw_params": "ls", "chdir": "/"}`;
  assertEquals((await parseArgumentText(object, options("shell"))).args, {
    _raw_params: "ls",
    chdir: "/",
  });
});

// Ansible 2.14 ends with an error of its own; later versions read these.
Deno.test("parseArgumentText() reads texts that begin with blanks or newlines", async () => {
  const read = async (text: string, module?: string) =>
    (await parseArgumentText(text, options(module))).args;
  assertEquals(await read("  \n a=1"), { a: "1" });
  assertEquals(await read("  "), {});
  assertEquals(await read("\n  ls\n", "shell"), { _raw_params: "\n  ls\n" });
});

Deno.test("parseArgumentText() names the word it cannot read", async () => {
  const cases: [string, string][] = [
    [`a=1 "b=x y"`, "the argument b: the quote is before the name"],
    [`a="\\N{BULLET}"`, "the argument a: the escape \\N{BULLET} names no"],
    [`a=\\U00110000`, "the argument a: the escape \\U00110000 names no"],
    [`a=1\nb='x`, "the ' in line 2, column 3 is not closed"],
    [`a={{ b`, "a {{ is not closed"],
    [`a={'k': 1}`, 'the argument "1}": it is not KEY=VALUE'],
  ];
  for (const [text, message] of cases) {
    const parsing = parseArgumentText(text, options());
    await assertRejects(() => parsing, SyntaxError, message);
  }
  await assertRejects(
    () => parseArgumentText(`{"a"`, options()),
    InventoryError,
    "Cannot read -a:1:5: flow map",
  );
});
