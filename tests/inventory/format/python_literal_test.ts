import { assertEquals } from "@std/assert";
import { ExactNumber } from "../../../src/json/exact_number.ts";
import { readPythonValue } from "../../../src/inventory/format/python_literal.ts";

const literals: [text: string, value: unknown][] = [
  ["1", 1],
  ["-5", -5],
  ["+3", 3],
  ["1_000", 1000],
  ["0x1F", 31],
  ["0o17", 15],
  ["0b101", 5],
  ["00", 0],
  ["1.5", 1.5],
  ["1.", new ExactNumber("1.0")],
  [".5", 0.5],
  ["1e3", new ExactNumber("1e3")],
  ["1.0", new ExactNumber("1.0")],
  ["-1.5e-3", new ExactNumber("-1.5e-3")],
  [
    "123456789012345678901234567890",
    new ExactNumber("123456789012345678901234567890"),
  ],
  ["-9007199254740993", new ExactNumber("-9007199254740993")],
  ["0xffffffffffffffff", new ExactNumber("18446744073709551615")],
  ["{1.0: 2}", { "1.0": 2 }],
  ["True", true],
  ["False", false],
  ["None", null],
  ["'a b'", "a b"],
  ['"it\'s"', "it's"],
  ["'a' \"b\"", "ab"],
  ["'\\n\\x41\\u00e9\\101\\q\\\\'", "\nAéA\\q\\"],
  ["r'\\n'", "\\n"],
  ["'''a'b'''", "a'b"],
  ["u'x'", "x"],
  ["[]", []],
  ["[1, 'a', [2,],]", [1, "a", [2]]],
  ["(1)", 1],
  ["(1,)", [1]],
  ["()", []],
  ["1, 2", [1, 2]],
  ["1,", [1]],
  ["{}", {}],
  ["{'a': 1, 2: [None]}", { a: 1, 2: [null] }],
  ["{1, 2, 1}", [1, 2]],
  ["5 # five", 5],
  [" 5", 5],
];

for (const [text, value] of literals) {
  Deno.test(`readPythonValue() reads ${text}`, () => {
    assertEquals(readPythonValue(text), value);
  });
}

const texts = [
  "",
  "web",
  "0644",
  "10.0.0.1",
  "5min",
  "1__0",
  "1_",
  "true",
  "none",
  "TRUE",
  "'open",
  "[1, 2",
  "[1 2]",
  "[,]",
  "{'a'}: 1",
  "{'a': 1, 2}",
  "(,)",
  "1 2",
  "[x]",
  "Trueish",
  "-'a'",
  "-",
  "--1",
  "b'a' 'b'",
  "'''a'",
  "#abc",
  "f'x'",
  "'\\x4'",
  "'a'b",
  "{{ x }}",
  "{[1]: 2}",
  "2024-01-01",
  "~/.ssh/id",
  "[".repeat(5000),
];

for (const text of texts) {
  Deno.test(`readPythonValue() keeps ${JSON.stringify(text.slice(0, 30))} as text`, () => {
    assertEquals(readPythonValue(text), text);
  });
}

Deno.test("readPythonValue() makes dicts that have no prototype", () => {
  const dict = readPythonValue("{'__proto__': {'x': 1}}") as Record<
    string,
    unknown
  >;
  assertEquals(Object.keys(dict), ["__proto__"]);
  assertEquals(dict.x, undefined);
});
