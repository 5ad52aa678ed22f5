// Parts of grammars that several targets share.
import fc from "fast-check";

/** Text of some words, in any order. */
export function wordsOf(
  words: readonly string[],
  maxLength = 30,
): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...words), { maxLength })
    .map((parts) => parts.join(""));
}

/** A word, now and then an odd one. */
export const word: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "web1", "x-y", "0", "12") },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "é",
      "\u0000",
      "\ud800",
      "__proto__",
      "constructor",
      "-1",
      "1e999",
      "0644",
      "yes",
      "~",
      "*",
    ),
  },
);

/** Text of lines. */
export function linesOf(
  line: fc.Arbitrary<string>,
  maxLength = 12,
): fc.Arbitrary<string> {
  return fc.array(line, { maxLength }).map((lines) => lines.join("\n") + "\n");
}

/**
 * Some text many times: what is nested or long beyond reason. Short ones are as likely
 * as long ones: a long one takes as much time as hundreds of others.
 */
export function repeated(
  text: fc.Arbitrary<string>,
  most = 20_000,
): fc.Arbitrary<string> {
  const size = fc.double({ min: 0, max: Math.log2(most), noNaN: true });
  return fc.tuple(text, size).map(([one, exponent]) =>
    one.repeat(Math.min(2 ** exponent, 50_000 / (one.length + 1)))
  );
}

/** JSON of any shape. */
export const json: fc.Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 4 }),
  wordsOf([
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    "1",
    "1.0",
    "1e400",
    "null",
    "true",
    '"\\ud800"',
    "-0",
    "NaN",
    " ",
    "\n",
    '"',
    "12345678901234567890",
  ]),
);
