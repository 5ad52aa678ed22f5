// Modules: their sources, their documentation, and what is read from both.
import fc from "fast-check";
import { decodePython } from "../../../src/gate/imports/python_text.ts";
import { readFacts } from "../../../src/gate/imports/python_imports.ts";
import { needOf } from "../../../src/gate/imports/unsupported.ts";
import {
  readSection,
  toDocumentation,
} from "../../../src/gate/modules/ansible_documentation.ts";
import {
  detectKind,
  isDocumentationOnly,
} from "../../../src/gate/modules/module_kind.ts";
import { readSignature } from "../../../src/gate/modules/native_signature.ts";
import { readAssignedStrings } from "../../../src/gate/modules/python_strings.ts";
import { linesOf, repeated, wordsOf } from "../grammar.ts";
import { type Target, textOf } from "../target.ts";
import { yaml } from "../yaml_grammar.ts";

const pythonLine = fc.oneof(
  fc.constantFrom(
    "import a.b as c, d",
    "from . import x",
    "from ...a import (b, c)",
    "from ansible.module_utils.basic import *",
    "def main(a, b=1, *, c: int = 2, **d):",
    "async def main(x): return x",
    "    pass",
    "try:",
    "except ImportError:",
    "if True:",
    'DOCUMENTATION = r"""',
    '"""',
    "EXAMPLES = '''x'''",
    "class A(B): pass",
    "#!/usr/bin/python",
    "# -*- coding: latin-1 -*-",
    "# coding: nope",
    "WANT_JSON",
    "module = AnsibleModule(",
    "argument_spec=dict(password=dict(no_log=True)))",
    "print 'x'",
    "f'{a!r:{b}}'",
    "\f",
    "x = 'a' 'b' f'c'",
    "@decorator",
    "lambda: (yield)",
    "match x:",
    "  case [1, *_]:",
    "#!powershell",
    "if __name__ == '__main__':",
    "global x",
    "x: 'y' = z",
    "\\",
  ),
  wordsOf([
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "import ",
    "from ",
    "as ",
    "def ",
    "'",
    '"',
    '"""',
    "\n",
    "    ",
    "\t",
    "x",
    "=",
    ".",
    "*",
    "#",
    "\\",
    "é",
    "\u0000",
    "lambda ",
    "if ",
  ]),
);

export const pythonTargets: readonly Target[] = [
  {
    name: "python_source",
    grammar: fc.oneof(
      { weight: 6, arbitrary: linesOf(pythonLine, 20) },
      {
        weight: 1,
        arbitrary: repeated(
          fc.constantFrom(
            "(",
            "[",
            "{",
            "if x:\n",
            "x.",
            "not ",
            "-",
            "f'{",
            "lambda:",
            "a if b else ",
            "from .",
            "import a\n",
            "\\\n",
            "'",
          ),
        ),
      },
    ),
    read(input) {
      const bytes = input.slice();
      const attempts = [
        () => detectKind(bytes),
        () => isDocumentationOnly(bytes),
        () => decodePython(bytes),
        () => readFacts(decodePython(bytes)),
        () => readSignature(decodePython(bytes)),
        () => readAssignedStrings(decodePython(bytes)),
        () => needOf(textOf(bytes)),
      ];
      for (const attempt of attempts) {
        try {
          attempt();
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
        }
      }
    },
  },
  {
    name: "documentation",
    grammar: fc.oneof(
      yaml,
      fc.tuple(yaml, yaml).map(([options, others]) =>
        `module: x\noptions:\n${options.replace(/^/gm, "  ")}\n${others}`
      ),
      repeated(fc.constantFrom("[", "{a: ", "- ", "a:\n ", "&a [*a,"), 5000),
    ),
    read(input) {
      const section = readSection(textOf(input));
      JSON.stringify(toDocumentation(section, { returns: section }));
    },
  },
];
