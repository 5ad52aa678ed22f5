// Templates that are often well-formed: every filter, test, lookup and statement, with
// values that fit them now and then.
import fc from "fast-check";
import { YAML_FILTERS } from "../../src/inventory/templates/yaml_filter.ts";
import { LIBRARY } from "../../src/template/template_library.ts";

const name = fc.constantFrom(
  "text",
  "word",
  "number",
  "real",
  "flag",
  "nothing",
  "items",
  "people",
  "dict",
  "deep",
  "missing",
  "templated",
  "loop",
  "item",
  "m",
  "ns",
  "hostvars",
  "groups",
  "omit",
  "inventory_hostname",
  "__class__",
  "constructor",
);
const filter = fc.constantFrom(
  ...LIBRARY.filters.keys(),
  ...Object.keys(YAML_FILTERS),
  "ansible.builtin.combine",
  "no_such",
);
const test = fc.constantFrom(...LIBRARY.tests.keys(), "no_such");
const lookup = fc.constantFrom(...LIBRARY.lookups.keys(), "no_such");
const text = fc.oneof(
  fc.constantFrom(
    "'a'",
    '"b c"',
    "''",
    "'é\\n'",
    "'{{ word }}'",
    "'%s %d'",
    "'{0:>10}'",
    "'%Y-%m-%d'",
    "'2024-02-30'",
    "'a.b[0]'",
    "'(a|b)+c?'",
    "'[a-z'",
    "'\\\\1'",
    "'10.0.0.0/8'",
    "'::1'",
    "'1.2.3'",
    "'>=1.0'",
    "'md5'",
    "'sha512'",
    "'strict'",
    "'name'",
    "'-1'",
    "'1e999'",
    "'[1, {a: b}]'",
    "'\\ud800'",
    "'%999999999d'",
    "'{:>999999999}'",
    "'0x1F'",
    "'MTIz'",
    "'https://u:p@h:80/x?y#z'",
  ),
  fc.string({ maxLength: 6 }).map((each) => JSON.stringify(each)),
);
const number = fc.constantFrom(
  "0",
  "1",
  "-1",
  "2.5",
  "1e3",
  "7",
  "100",
  "999999",
  "1000000000000000000000000",
  "0x1f",
  "1_000",
  "true",
  "none",
);

const { expression } = fc.letrec<{ expression: string; args: string }>((
  tie,
) => ({
  args: fc.tuple(
    fc.array(tie("expression"), { maxLength: 2 }),
    fc.array(
      fc.tuple(
        fc.constantFrom(
          "attribute=",
          "default=",
          "start=",
          "recursive=",
          "indent=",
          "wantlist=",
          "x=",
          "reverse=",
          "caller=",
          "*",
          "**",
        ),
        tie("expression"),
      ).map((parts) => parts.join("")),
      { maxLength: 1 },
    ),
  ).map((all) => all.flat().join(", ")),
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: false },
    fc.oneof({ weight: 3, arbitrary: name }, text, number),
    fc.tuple(tie("expression"), filter, tie("args")).map(([of, name, args]) =>
      `${of} | ${name}${args === "" ? "" : `(${args})`}`
    ),
    fc.tuple(tie("expression"), test, tie("args")).map(([of, name, args]) =>
      `(${of} is ${name}${args === "" ? "" : `(${args})`})`
    ),
    fc.tuple(
      tie("expression"),
      fc.constantFrom(
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "~",
        "==",
        "<",
        "in",
        "not in",
        "and",
        "or",
        "if",
      ),
      tie("expression"),
    ).map((parts) => `(${parts.join(" ")})`),
    fc.array(tie("expression"), { maxLength: 3 })
      .map((all) => `[${all.join(", ")}]`),
    fc.array(fc.tuple(text, tie("expression")), { maxLength: 3 })
      .map((all) =>
        `{${all.map(([key, value]) => `${key}: ${value}`).join(", ")}}`
      ),
    fc.tuple(tie("expression"), tie("expression"))
      .map(([of, key]) => `(${of})[${key}]`),
    fc.tuple(tie("expression"), tie("expression"), tie("expression"))
      .map(([of, from, to]) => `(${of})[${from}:${to}]`),
    fc.tuple(
      tie("expression"),
      fc.constantFrom(
        "format",
        "split",
        "join",
        "items",
        "replace",
        "append",
        "update",
        "strftime",
        "zfill",
        "ljust",
        "center",
        "encode",
        "expandtabs",
        "__init__",
        "index",
        "x",
      ),
      tie("args"),
    ).map(([of, method, args]) => `(${of}).${method}(${args})`),
    fc.tuple(
      fc.constantFrom(
        "range",
        "dict",
        "namespace",
        "cycler",
        "joiner",
        "now",
        "undef",
        "m",
        "super",
        "loop",
      ),
      tie("args"),
    ).map(([of, args]) => `${of}(${args})`),
    fc.tuple(lookup, tie("args"))
      .map(([name, args]) => `lookup('${name}', ${args})`),
  ),
}));

const { body } = fc.letrec<{ body: string; statement: string }>((tie) => ({
  body: fc.array(tie("statement"), { maxLength: 3 })
    .map((all) => all.join("")),
  statement: fc.oneof(
    { maxDepth: 3, withCrossShrink: false },
    fc.oneof(
      { weight: 5, arbitrary: expression.map((each) => `{{ ${each} }}`) },
      {
        weight: 1,
        arbitrary: fc.constantFrom("text\n", " ", "{# note #}", "{{", "%}"),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          "{% break %}",
          "{% include 'x' ignore missing %}",
          "{% import 'x' as m %}",
          "{% extends 'x' %}",
          "{% raw %}{{{% endraw %}",
          "{%- set ns.x = 1 -%}",
        ),
      },
    ),
    fc.tuple(expression, tie("body"), tie("body")).map(([of, one, other]) =>
      `{% for item in ${of} %}${one}{% else %}${other}{% endfor %}`
    ),
    fc.tuple(expression, tie("body")).map(([of, one]) =>
      `{% for item in ${of} recursive %}${one}{{ loop(item) }}{% endfor %}`
    ),
    fc.tuple(expression, tie("body"), tie("body")).map(([of, one, other]) =>
      `{% if ${of} %}${one}{% else %}${other}{% endif %}`
    ),
    fc.tuple(name, expression).map(([to, value]) =>
      `{% set ${to} = ${value} %}`
    ),
    tie("body").map((inner) => `{% macro m(a, b=1) %}${inner}{% endmacro %}`),
    fc.tuple(filter, tie("body")).map(([name, inner]) =>
      `{% filter ${name} %}${inner}{% endfilter %}`
    ),
    tie("body").map((inner) => `{% call m(1) %}${inner}{% endcall %}`),
    tie("body").map((inner) => `{% block b %}${inner}{% endblock %}`),
    fc.tuple(expression, tie("body")).map(([value, inner]) =>
      `{% with item = ${value} %}${inner}{% endwith %}`
    ),
    tie("body").map((inner) => `{% set x %}${inner}{% endset %}`),
  ),
}));

/** One expression in its delimiters, as in an argument. */
export const expressionTemplate: fc.Arbitrary<string> = expression
  .map((each) => `{{ ${each} }}`);

/** A template file. */
export const templateFile: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: body },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(
        "#jinja2: trim_blocks: False\n",
        "#jinja2: variable_start_string: '[%'\n",
        "#jinja2: lstrip_blocks:True, x\n",
        "#jinja2:block_start_string:''\n",
      ),
      body,
    ).map((parts) => parts.join("")),
  },
);
