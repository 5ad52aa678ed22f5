// Templates: what people write, with values that hosts may have sent.
import fc from "fast-check";
import { loadInventory } from "../../../src/inventory/load.ts";
import { HostTemplates } from "../../../src/inventory/templates/host_templates.ts";
import { FILE_SYNTAX } from "../../../src/template/syntax/delimiters.ts";
import { TemplateError } from "../../../src/template/template_error.ts";
import { memorySources } from "../../../tests/inventory/memory_sources.ts";
import { repeated } from "../grammar.ts";
import { Disagreement, type Target, textOf } from "../target.ts";
import { expressionTemplate, templateFile } from "../template_grammar.ts";

const HOSTS = `
web:
  hosts:
    web1:
      text: "some Text, é\\n and\\tmore"
      word: web
      number: 7
      real: 2.5
      flag: yes
      nothing: null
      items: [3, 1, 2, a, [4], null]
      people: [{name: ann, age: 3}, {name: bob}, {age: 1}]
      dict: {a: 1, b: {c: [2]}}
      deep: {a: {b: {c: {d: [1, {e: "{{ word }}"}]}}}}
      templated: "{{ word ~ number }}"
      itself: "{{ itself }}"
    web2: {}
`;

const templates = loadInventory(
  ["hosts.yml"],
  memorySources({
    "hosts.yml": HOSTS,
  }),
).then((inventory) => ({
  templates: new HostTemplates({ inventory }),
  // A rendering that is sealed reads nothing of this machine, and runs nothing.
  target: { host: inventory.hosts.get("web1")!, isSealed: true },
}));

/** What V8 says where a bound of ours is missing. */
const UNBOUNDED =
  /Maximum call stack|Invalid (?:array|string|count|time)|BigInt|repeat count|toFixed|toString\(\)|radix|precision/;

/** Passes on what is wrong about an error: an error of templates is one of ours. */
function accept(error: unknown): void {
  if (!(error instanceof TemplateError)) throw error;
  if (UNBOUNDED.test(error.reason)) {
    throw new Disagreement(`V8's words: ${error.message.slice(0, 300)}`);
  }
}

export const templateTargets: readonly Target[] = [
  {
    name: "template_files",
    grammar: fc.oneof(
      { weight: 8, arbitrary: templateFile },
      {
        weight: 1,
        arbitrary: repeated(
          fc.constantFrom(
            "{{",
            "{% if a %}",
            "{% for i in a %}",
            "{{ a|b }}",
            "{{ [",
            "{#",
            "{% macro m() %}",
            "{% raw %}",
          ),
        ),
      },
    ),
    async read(input) {
      const { templates: all, target } = await templates;
      try {
        const template = all.parseFile(textOf(input), "t.j2", FILE_SYNTAX);
        await all.file(template, target);
      } catch (error) {
        accept(error);
      }
    },
  },
  {
    name: "template_values",
    grammar: fc.oneof(
      { weight: 8, arbitrary: expressionTemplate },
      {
        weight: 1,
        arbitrary: repeated(
          fc.constantFrom("(", "[", "not ", "- ", "a|", "a.", "~", "{'a':"),
        ).map((text) => `{{ ${text} }}`),
      },
    ),
    async read(input) {
      const { templates: all, target } = await templates;
      try {
        await all.value(textOf(input), "the argument x", target);
      } catch (error) {
        accept(error);
      }
    },
  },
];
