// YAML and JSON against the functions that define their meaning: Ansible's
// from_yaml() with the real PyYAML. Every text of tests/fixtures/yaml/ means the
// same in both, or has its reason there. The texts also pin what is used of the
// private state of the `yaml` package's lexer.
import { assert, assertEquals } from "@std/assert";
import { readData } from "../../../src/inventory/format/data_file.ts";
import { parseYaml } from "../../../src/inventory/format/yaml.ts";
import { parseExact } from "../../../src/json/exact_json.ts";
import { ExactNumber, stringifyExact } from "../../../src/json/exact_number.ts";
import { needAnsible, runPython } from "../../support/ansible.ts";

const SNIPPETS = new URL(
  "../../fixtures/yaml/snippets.txt",
  import.meta.url,
);
const SCRIPT = new URL("../ansible_yaml.py", import.meta.url);

const ansible = needAnsible();

/** Texts that a file of snippets cannot hold: they have no line end. */
const UNENDED = [
  "k: |\n  a",
  "k: |+\n  a",
  "k: |-\n  a",
  "k: >\n  a\n\n  b",
  "k: |\n  a\n  ",
  "k: |\n  a\n # b",
  "- - |\n    a",
  "k: 'a\n\n  b'",
  "k: a\n  b",
];

interface Snippet {
  readonly text: string;
  /** Why ftl reads what Ansible refuses. */
  readonly reason: string | undefined;
}

async function readSnippets(): Promise<Snippet[]> {
  const text = await Deno.readTextFile(SNIPPETS);
  const parts = text.split(/^=====(.*)\n/m).slice(1);
  return Array.from({ length: parts.length / 2 }, (_, i) => ({
    reason: parts[2 * i]!.trim() || undefined,
    text: parts[2 * i + 1]!,
  }));
}

type Outcome = { json: string } | { error: string };

async function read(text: string): Promise<Outcome> {
  const warn = () => {};
  try {
    const node = await readData({ file: "f", text }, { warn });
    return { json: stringifyExact(node.value()) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** A value whose numbers compare by what they are: 1.0 is 1. */
function valueOf(json: string): unknown {
  const numbers = (value: unknown): unknown => {
    if (value instanceof ExactNumber) return Number(value.text);
    if (Array.isArray(value)) return value.map(numbers);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, numbers(member)]),
    );
  };
  return numbers(parseExact(json));
}

Deno.test({
  name: `YAML and JSON mean what Ansible makes of them${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: async () => {
    const snippets = [
      ...await readSnippets(),
      ...UNENDED.map((text) => ({ text, reason: undefined })),
    ];
    assert(snippets.length > 300);
    const texts = JSON.stringify(snippets.map(({ text }) => text));
    const theirs = await runPython(ansible.python, SCRIPT, texts) as Outcome[];
    for (const [i, { text, reason }] of snippets.entries()) {
      const wanted = theirs[i]!;
      const got = await read(text);
      if (reason !== undefined) {
        const both = `${reason}: ${text}${JSON.stringify([wanted, got])}`;
        assert("error" in wanted && "json" in got, both);
      } else if ("error" in wanted) {
        assert("error" in got, `Ansible refuses ${text}: ${wanted.error}`);
        assertEquals(got.error.split("\n").length, 1);
      } else {
        assert("json" in got, `${text} is refused: ${JSON.stringify(got)}`);
        assertEquals(valueOf(got.json), valueOf(wanted.json), text);
      }
    }
  },
});

Deno.test("parseYaml() refuses what is nested too deeply in one sentence, soon", () => {
  const deep = [
    `a: ${"[".repeat(100_000)}`,
    `a: ${'{"a":'.repeat(100_000)}`,
    "- ".repeat(50_000),
    "? ".repeat(50_000),
    `a: ${"[".repeat(201)}${"]".repeat(201)}`,
    Array.from({ length: 3000 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
  ];
  for (const text of deep) {
    let message = "";
    try {
      parseYaml({ file: "f", text }, { warn: () => {} }).value();
    } catch (error) {
      message = (error as Error).message;
    }
    assert(
      /^Cannot use inventory f(?::\d+)*: it is nested too deeply$/
        .test(message),
      `${text.slice(0, 20)}: ${message}`,
    );
  }
});
