// What a template may not do: hang, or use up the memory. Each of these once did.
import { assertEquals, assertMatch } from "@std/assert";
import { HostTemplates } from "../../src/inventory/templates/host_templates.ts";
import { FILE_SYNTAX } from "../../src/template/syntax/delimiters.ts";
import { TemplateError } from "../../src/template/template_error.ts";

const host = { name: "h1", vars: {}, groups: [] };
const templates = new HostTemplates({
  inventory: { hosts: new Map([["h1", host]]), groups: new Map() },
});

/** What a template makes, or why it makes nothing. */
async function render(text: string): Promise<string> {
  try {
    const template = templates.parseFile(text, "t.j2", FILE_SYNTAX);
    return (await templates.file(template, { host })).value;
  } catch (error) {
    if (error instanceof TemplateError) return error.reason;
    throw error;
  }
}

/** A list that holds itself twice at sixty levels, in no memory. */
const DOUBLED = "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}" +
  "{% set ns.l = [ns.l, ns.l] %}{% endfor %}";
const LARGE = "{% set x = 'a' * 60000000 %}";

const REFUSED: [what: string, template: string, says: RegExp][] = [
  [
    "a block in itself",
    "{% block b %}{% block b %}{% endblock %}{% endblock %}",
    /^the block 'b' is defined twice$/,
  ],
  [
    "a random number beyond the generator's",
    "{{ 5000000000 | random }}",
    /^random takes at most 4294967296/,
  ],
  [
    "every order of many items",
    "{{ range(1000) | permutations | length }}",
    /^a list would have more than 1000000 items$/,
  ],
  [
    "many empty lists",
    "{{ [] | product(repeat=10 ** 9) | length }}",
    /^a list would have more than 1000000 items$/,
  ],
  [
    "a number that grows by its own size",
    "{% set ns = namespace(x=10) %}{% for i in range(60) %}" +
    "{% set ns.x = ns.x * ns.x %}{% endfor %}",
    /^a number would have more than 100000 bits$/,
  ],
  [
    "text of a doubled list",
    `${DOUBLED}{{ ns.l }}`,
    /more than 5000000 values/,
  ],
  [
    "JSON of a doubled list",
    `${DOUBLED}{{ ns.l | to_json }}`,
    /more than 5000000 values/,
  ],
  [
    "a comparison of doubled lists",
    `${DOUBLED}{{ ns.l == ns.l }}`,
    /more than 5000000 values/,
  ],
  [
    "JSON of one long text many times",
    `${LARGE}{{ ([x] * 1000) | to_json | length }}`,
    /^the text would be longer than 64 MiB$/,
  ],
  [
    "more arguments than V8 can spread",
    "{{ range(*([1] * 200000)) }}",
    /^range takes 1 to 3 arguments$/,
  ],
  [
    "more matches than a list may have",
    "{{ ('a' * 1000001) | regex_findall('a') | length }}",
    /^a list would have more than 1000000 items$/,
  ],
  [
    "matches of a pattern that tries too much",
    "{{ ('a' * 40) | regex_search('(a+)+b') }}",
    /^the pattern '\(a\+\)\+b' takes longer than 1 s: /,
  ],
  ...[
    "regex_search('(a|b)*c')",
    "regex_replace('(a|b)*c', 'x')",
    "regex_findall('(a|b)*c')",
    "split(',') | select('search', '(a|b)*c')",
  ].map((filter): [string, string, RegExp] => [
    `a search with a pattern that remembers too much, by ${filter}`,
    `{{ ('ab' * 20000000) | ${filter} | length }}`,
    /^the pattern '\(a\|b\)\*c' has to remember too many places of the text: /,
  ]),
  [
    "a search with a pattern that is too large",
    "{{ 'a' | regex_search('a{1,1000}' * 20000) }}",
    /^the pattern of 180000 characters is too large: repeat fewer parts/,
  ],
  [
    "a value that holds itself",
    "{% set d = [] %}{% set _ = d.append(d) %}{{ d }}",
    /^it is nested too deeply$/,
  ],
];

for (const [what, template, says] of REFUSED) {
  Deno.test(`a template does not make ${what}`, async () => {
    assertMatch(await render(template), says);
  });
}

Deno.test("combinations are made without trying those that are too short", async () => {
  assertEquals(
    await render("{{ range(40) | combinations(38) | length }}"),
    "780",
  );
  assertEquals(await render("{{ [1, 2] | combinations(3) }}"), "[]");
  assertEquals(await render("{{ [1, 2] | permutations | length }}"), "2");
});

Deno.test("an empty list stays empty however often it is repeated", async () => {
  assertEquals(await render("{{ [] * 10 ** 9 }}"), "[]");
});

Deno.test("int() refuses a text with too many digits, as in Python", async () => {
  assertEquals(await render("{{ ('1' * 5000) | int }}"), "0");
});
