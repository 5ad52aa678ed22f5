// YAML that is often well-formed: blocks, flows, scalars of every kind, anchors, tags.
import fc from "fast-check";
import { wordsOf } from "./grammar.ts";

const plain = fc.constantFrom(
  "a",
  "b c",
  "yes",
  "No",
  "on",
  "~",
  "null",
  "1",
  "0o7",
  "0644",
  "0x1F",
  "1_000",
  "1.5",
  ".5",
  "1e3",
  "-.inf",
  ".NaN",
  "12:30:45",
  "1:2",
  "2001-12-14",
  "2001-12-14t21:59:43.10-05:00",
  "=",
  "<<",
  "a#b",
  "a #b",
  "x: y",
  "- z",
  "é",
  "",
  "+1",
  "-0",
  "1.",
  "0b11",
  "08",
  "True",
  "TRUE",
  "truE",
  "Null",
  "12345678901234567890",
  "1e400",
  "a-b",
  "?x",
  ":x",
  "-x",
  "%x",
  "@x",
  "`x",
  "!x",
  "*a",
  "&a x",
  "{{ x }}",
  "a: b: c",
);
const quoted = fc.oneof(
  fc.constantFrom(
    '""',
    '"a\\nb"',
    '"\\x41\\u00e9"',
    '"\\q"',
    '"a\\\n b"',
    "'it''s'",
    "''",
    '"a\n  b\n\n  c"',
    "'a\n b'",
    '"\\',
    "'",
    '"\\U0001F600"',
    '"\\/"',
    '"\\e"',
  ),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
);
const property = fc.constantFrom(
  "",
  "",
  "",
  "",
  "&a ",
  "!!str ",
  "!!int ",
  "!x ",
  "!!binary ",
  "!!set ",
  "!vault ",
  "!unsafe ",
  "!!float ",
  "!!bool ",
  "! ",
  "&b !!map ",
);
const scalar = fc.tuple(
  property,
  fc.oneof(
    { weight: 4, arbitrary: plain },
    { weight: 2, arbitrary: quoted },
  ),
).map((parts) => parts.join(""));

const { flow } = fc.letrec<{ flow: string }>((tie) => ({
  flow: fc.oneof(
    { maxDepth: 3, withCrossShrink: false },
    scalar,
    fc.array(tie("flow"), { maxLength: 3 }).map((all) => `[${all.join(", ")}]`),
    fc.array(fc.tuple(scalar, tie("flow")), { maxLength: 3 })
      .map((all) =>
        `{${all.map(([key, value]) => `${key}: ${value}`).join(", ")}}`
      ),
  ),
}));

const literal = fc.tuple(
  fc.constantFrom("|", ">", "|-", ">+", "|2", ">1-"),
  fc.constantFrom("x", "x\n  y", "  x\n y", "\n\nx", "# no comment"),
).map(([head, text]) => `${head}\n${indent(text)}`);

const { block } = fc.letrec<{ block: string }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 3, withCrossShrink: false },
    flow,
    literal,
    fc.array(tie("block"), { minLength: 1, maxLength: 4 }).map((all) =>
      all.map((each) => `- ${indent(each).trimStart()}`).join("\n")
    ),
    fc.array(fc.tuple(scalar, tie("block")), { minLength: 1, maxLength: 4 })
      .map((all) =>
        all.map(([key, value]) =>
          /^[-?]|^[^[{"'\n]*\n|: /.test(value)
            ? `${key}:\n${indent(value)}`
            : `${key}: ${value}`
        ).join("\n")
      ),
  ),
}));

function indent(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}

/** A document, rarely several. */
export const yaml: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: block.map((text) => `${text}\n`) },
  {
    weight: 2,
    arbitrary: fc.tuple(scalar, block).map(([group, hosts]) =>
      `${group}:\n  hosts:\n${indent(indent(hosts))}\n`
    ),
  },
  {
    weight: 1,
    arbitrary: wordsOf([
      "---\n",
      "...\n",
      "a: ",
      "- ",
      "b\n",
      "#c\n",
      "\t",
      "%YAML 1.1\n",
      "%TAG ! x\n",
      "? ",
      ": ",
      "\r\n",
      "\u2028",
      "[",
      "]",
      "{",
      "}",
      ",",
      "'",
      '"',
      "|\n",
      "&x ",
      "*x",
      "<<: ",
    ]),
  },
);
