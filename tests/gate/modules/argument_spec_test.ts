import { assertEquals } from "@std/assert";
import { readArgumentSpec } from "../../../src/gate/modules/argument_spec.ts";

const BASIC = "from ansible.module_utils.basic import AnsibleModule\n";

function entriesOf(text: string, head = BASIC) {
  return readArgumentSpec(head + text).entries;
}

Deno.test("readArgumentSpec() reads a spec of literals, in either way to write a dict", () => {
  const spec = entriesOf(`
module = AnsibleModule(
    argument_spec=dict(
        name=dict(type='str', required=True, aliases=['title', "pkg"]),  # hi
        state={'default': 'present', 'choices': ['present', 'absent']},
        size=dict(type=int, required=not X, choices=[1, 2]),
        token=dict(required=True, fallback=(env_fallback, ['TOKEN'])),
    ),
    supports_check_mode=True,
)
`);
  assertEquals(spec, {
    name: { aliases: ["title", "pkg"], isRequired: true, type: "str" },
    state: {
      aliases: [],
      isRequired: false,
      choices: ["present", "absent"],
    },
    size: { aliases: [], isRequired: false, type: "raw" },
    token: { aliases: [], isRequired: false },
  });
});

Deno.test("readArgumentSpec() reads a spec from a variable that nothing else touches", () => {
  const entry = { a: { aliases: [], isRequired: false } };
  assertEquals(
    entriesOf("spec = dict(a=dict())\nAnsibleModule(argument_spec=spec)"),
    entry,
  );
  for (
    const change of [
      "spec.update(more)",
      "spec['b'] = dict()",
      "extend(spec)",
      "spec = dict(b=dict())",
    ]
  ) {
    const text =
      `spec = dict(a=dict())\n${change}\nAnsibleModule(argument_spec=spec)`;
    assertEquals(entriesOf(text), null, change);
  }
});

Deno.test("readArgumentSpec() adds the arguments for files", () => {
  const spec = entriesOf(
    "AnsibleModule(argument_spec={}, add_file_common_args=True)",
  )!;
  assertEquals(spec.attributes!.aliases, ["attr"]);
  assertEquals(Object.keys(spec).length, 9);
});

Deno.test("readArgumentSpec() takes no computed spec for a whole one", () => {
  for (
    const text of [
      "AnsibleModule(argument_spec=dict(a=dict(), **more))",
      "AnsibleModule(argument_spec={KEY: dict()})",
      "AnsibleModule(argument_spec=dict(MORE, a=dict()))",
      "AnsibleModule(argument_spec=dict(a=A_SPEC))",
      "AnsibleModule(argument_spec=dict(a=dict(aliases=NAMES)))",
      "AnsibleModule(argument_spec=make())",
      "AnsibleModule(argument_spec={}, bypass_checks=True)",
      "AnsibleModule(**spec)",
      "AnsibleModule({})\nAnsibleModule(argument_spec={})",
      "OtherModule(argument_spec={})",
    ]
  ) assertEquals(entriesOf(text), null, text);
  const own =
    "from ansible_collections.a.b.plugins.module_utils.c import AnsibleModule\n";
  assertEquals(entriesOf("AnsibleModule(argument_spec={})", own), null);
});

Deno.test("readArgumentSpec() names all that may be a parameter", () => {
  const { mentioned } = readArgumentSpec(`
def spec():
    s = dict(one=dict(aliases=['uno']), two=TWO, not_this='text')
    s['three'] = dict()
    s.update(four=dict())
    s.setdefault('five', {})
    return s
`);
  assertEquals(mentioned, [
    "aliases",
    "five",
    "four",
    "one",
    "three",
    "two",
    "uno",
  ]);
});

Deno.test("readArgumentSpec() names the arguments for files wherever they are asked for", () => {
  const { mentioned } = readArgumentSpec("self.add_file_common_args = True\n");
  assertEquals(mentioned.includes("mode") && mentioned.includes("attr"), true);
});
