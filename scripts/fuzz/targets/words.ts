// What people write: arguments, lines of the console, requirements, settings.
import fc from "fast-check";
import { readLine } from "../../../src/console/lines/line.ts";
import { queryAt } from "../../../src/console/lines/complete_line.ts";
import { mayKeep } from "../../../src/console/lines/secrecy.ts";
import {
  parseArguments,
  parseArgumentText,
} from "../../../src/core/input/arguments.ts";
import { splitWords } from "../../../src/core/shell/shell_words.ts";
import { parseMarker } from "../../../src/gate/requirements/marker.ts";
import { parseRequirement } from "../../../src/gate/requirements/requirement.ts";
import { linesOf, repeated, wordsOf } from "../grammar.ts";
import { type Target, textOf } from "../target.ts";
import { yaml } from "../yaml_grammar.ts";

const argumentText = fc.oneof(
  {
    weight: 4,
    arbitrary: wordsOf([
      "a=",
      "b:=",
      "c:secret=",
      "@f",
      " ",
      '"',
      "'",
      "\\",
      "{{",
      "}}",
      "{%",
      "%}",
      "{#",
      "#}",
      "x",
      "\n",
      "[1]",
      "{",
      "}",
      "=",
      "1.0",
      "\\n",
      "\\x4",
      "\\u12",
      "é",
      "creates=",
      "\t",
      "`",
    ]),
  },
  {
    weight: 1,
    arbitrary: repeated(
      fc.constantFrom("{{", "'", "a=1 ", "\\", "{%", "a:=[", "\n"),
    ),
  },
);
const marker = wordsOf([
  "python_version",
  "os_name",
  "extra",
  " ",
  "==",
  "<",
  "in",
  "not in",
  "'3'",
  '"a"',
  "and",
  "or",
  "(",
  ")",
  "~=",
  "===",
], 16);

export const argumentTargets: readonly Target[] = [
  {
    name: "arguments",
    grammar: argumentText,
    async read(input) {
      const text = textOf(input);
      const readText = (path: string) => Promise.resolve(path);
      for (const module of ["shell", "ping"]) {
        await settle(parseArgumentText(text, { readText, module }));
        await settle(parseArguments(text.split(" "), { readText, module }));
      }
    },
  },
  {
    name: "argument_files",
    grammar: yaml,
    async read(input) {
      const text = textOf(input);
      await parseArguments(["@f"], { readText: () => Promise.resolve(text) });
    },
  },
  {
    name: "console_lines",
    grammar: fc.oneof(
      argumentText,
      wordsOf([
        ":use ",
        ":last ",
        ":push ",
        "!",
        "#",
        "web",
        " | ",
        " > ",
        "x",
        "'",
        "\\",
        " ",
      ]),
    ),
    read(input) {
      const text = textOf(input);
      queryAt(text);
      mayKeep(text);
      try {
        splitWords(text);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
      readLine(text);
    },
  },
  {
    name: "requirements",
    grammar: linesOf(
      fc.oneof(
        marker,
        fc.tuple(
          wordsOf([
            "a",
            "b-c",
            "[x]",
            ">=1",
            "==1.*",
            ",",
            "!=2",
            " ",
            "@ http://x",
            "(",
            ")",
          ], 8),
          marker,
        )
          .map(([name, condition]) => `${name}; ${condition}`),
        repeated(fc.constantFrom("(", "not ", "a,"), 5000),
      ),
      3,
    ),
    read(input) {
      for (const line of textOf(input).split("\n")) {
        for (const parse of [parseMarker, parseRequirement]) {
          try {
            parse(line);
          } catch (error) {
            if (!(error instanceof SyntaxError)) throw error;
          }
        }
      }
    },
  },
];

/** Rejects with everything but a SyntaxError, which is what is expected. */
async function settle(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    if (!(error instanceof SyntaxError)) throw error;
  });
}
