// Numbers keep their text through parseExact() and JSON.stringify().
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseExact } from "../../src/json/exact_json.ts";
import {
  ExactNumber,
  integerOf,
  isNumber,
  numberOf,
  stringifyExact,
} from "../../src/json/exact_number.ts";

/** Texts of numbers, those that JavaScript changes included. */
const number = fc.oneof(
  fc.stringMatching(
    /^-?(?:0|[1-9]\d{0,40})(?:\.\d{1,25})?(?:[eE][-+]?\d{1,3})?$/,
  ),
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) =>
    JSON.stringify(n)
  ),
  fc.constantFrom("-0", "0.0", "-0.0", "1.0", "1e3", "1E400", "0.0000001"),
);

const string = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(
    fc.constantFrom('"', "\\", ":", ",", "1.0", " 9007199254740993", "[", "}"),
  )
    .map((parts) => parts.join("")),
).map((text) => JSON.stringify(text));

const space = fc.constantFrom("", " ", "\n\t");

/** Numbers that only Python's `json` has. */
const lacking = fc.constantFrom("NaN", "Infinity", "-Infinity");

/** A JSON text of numbers and other values, with some spaces. */
const documentOf = (numbers: fc.Arbitrary<string>) =>
  fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: "small" },
      numbers,
      string,
      fc.constantFrom("null", "true", "false"),
      fc.tuple(fc.array(tie("value")), space).map(([items, s]) =>
        `[${items.map((item) => s + item + s).join(",")}]`
      ),
      fc.tuple(fc.array(tie("value")), space).map(([items, s]) =>
        `{${items.map((item, i) => `${s}"k${i}"${s}:${s}${item}`).join(",")}}`
      ),
    ),
  })).value;

/** Removes the spaces between tokens. */
function compact(text: string): string {
  return text.replace(
    /("(?:[^"\\]|\\.)*")|\s+/g,
    (_, quoted?: string) => quoted ?? "",
  );
}

Deno.test("parseExact() and JSON.stringify() change no value and no number", () => {
  fc.assert(
    fc.property(documentOf(number), (text) => {
      assertEquals(JSON.stringify(parseExact(text)), compact(text));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("parseExact() and stringifyExact() keep NaN and infinities", () => {
  fc.assert(
    fc.property(documentOf(fc.oneof(number, lacking)), (text) => {
      assertEquals(stringifyExact(parseExact(text)), compact(text));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("stringifyExact() gives undefined where JSON.stringify() does", () => {
  assertEquals(stringifyExact(undefined) as unknown, undefined);
  assertEquals(stringifyExact({ a: undefined }), "{}");
});

Deno.test("JSON.stringify() writes numbers that JSON lacks as texts", () => {
  const value = parseExact('{"a": [NaN, -Infinity], "b": "NaN", "c": 1e999}');
  const text = '{"a":["NaN","-Infinity"],"b":"NaN","c":1e999}';
  assertEquals(JSON.stringify(value), text);
});

Deno.test("parseExact() gives plain numbers where they survive", () => {
  const text = '{"a":[1,-2.5,1e-7,1e+21,9007199254740991],"b":"1.0"}';
  assertEquals(parseExact(text), JSON.parse(text));
});

Deno.test("parseExact() refuses what JSON.parse refuses", () => {
  const broken = [
    "{1.0:2}",
    "[1.0.0]",
    "[01.0]",
    "[1.0 2]",
    "[.0]",
    '{"a":1.0,}',
    "1.0e",
    "- 0",
    '["1.0]',
    "[9007199254740993n]",
    "-0x",
    "[1.0",
    '{"a" 1.0}',
  ];
  for (const text of broken) {
    const { message } = assertThrows(() => JSON.parse(text), SyntaxError);
    assertThrows(() => parseExact(text), SyntaxError, message);
  }
  fc.assert(
    fc.property(
      documentOf(number),
      fc.nat(),
      fc.constantFrom("", '"', "1.0", ":", "}"),
      (text, at, put) => {
        const place = at % (text.length + 1);
        const changed = text.slice(0, place) + put + text.slice(place + 1);
        const parsed = attempt(() => JSON.parse(changed));
        const exact = attempt(() => parseExact(changed));
        assertEquals(parsed === undefined, exact === undefined, changed);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("parseExact() keeps a key __proto__ a plain member", () => {
  const value = parseExact('{"__proto__":1.0,"a":{"__proto__":{"b":1.0}}}');
  assertEquals(
    JSON.stringify(value),
    '{"__proto__":1.0,"a":{"__proto__":{"b":1.0}}}',
  );
  assertEquals(Object.getPrototypeOf(value), Object.prototype);
});

Deno.test("an exact number is its text wherever text is made of it", () => {
  const value = numberOf("1.0");
  assert(value instanceof ExactNumber && isNumber(value));
  assertEquals([String(value), `${value}`, JSON.stringify([value])], [
    "1.0",
    "1.0",
    "[1.0]",
  ]);
  assertEquals(Number(value), 1);
  assertEquals(integerOf(2n ** 53n - 1n), 2 ** 53 - 1);
  assertEquals(String(integerOf(2n ** 53n + 1n)), "9007199254740993");
});

function attempt(parse: () => unknown): [unknown] | undefined {
  try {
    return [parse()];
  } catch {
    return undefined;
  }
}
