import { assert, assertEquals } from "@std/assert";
import type { ModuleDocumentation } from "../../src/gate/modules/module_documentation.ts";
import {
  documentationText,
  plain,
  snippetOf,
} from "../../src/output/module_page.ts";

const PARAMETER = {
  type: "str",
  isRequired: false,
  choices: [],
  aliases: [],
  description: [],
  parameters: [],
};

const DOC: ModuleDocumentation = {
  name: "unit",
  path: "/m/unit.py",
  kind: "new",
  isDocumented: true,
  summary: "Set the state of a unit",
  description: ["Sets the state of C(unit)s, as M(acme.tools.unit) does."],
  parameters: [
    { ...PARAMETER, name: "name", isRequired: true, aliases: ["unit"] },
    {
      ...PARAMETER,
      name: "state",
      default: "started",
      choices: ["started", "stopped"],
      description: ["What becomes of it. See U(https://example.com/x)."],
    },
    {
      ...PARAMETER,
      name: "parts",
      type: "list",
      elements: "dict",
      parameters: [{ ...PARAMETER, name: "size", type: "int" }],
    },
  ],
  attributes: { check_mode: "full" },
  requirements: ["systemd"],
  notes: ["Mind the gap, which is so wide that this note needs a second line."],
  author: ["Nobody"],
  deprecated: "It is slow.",
  examples: "- unit:\n    name: x",
  returns: [{
    name: "pid",
    type: "int",
    returned: "always",
    description: ["Its process."],
    values: [],
  }],
};

Deno.test("documentationText() shows all documentation within its width", () => {
  assertEquals(
    documentationText(DOC, { width: 60 }),
    `unit: Set the state of a unit
/m/unit.py, an Ansible module

Deprecated: It is slow.

  Sets the state of units, as acme.tools.unit does.

PARAMETERS
  name (str, required; also unit)
  state (str; one of started, stopped; default started)
      What becomes of it. See https://example.com/x.
  parts (list of dict)
      size (int)

SUPPORTS
  check_mode: full

REQUIREMENTS
  - systemd

NOTES
  - Mind the gap, which is so wide that this note needs a
    second line.

RETURNS
  pid (int; always)
      Its process.

EXAMPLES (PLAYBOOK)
  - unit:
      name: x

EXAMPLE CALL
  ftl run unit name=NAME state=started
`,
  );
});

Deno.test("documentationText() escapes the documentation", () => {
  const text = documentationText({ ...DOC, summary: "a\x1b]0;x\x07b" });
  assert(text.includes("a\\x1b]0;x\\x07b"));
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x09\x0b-\x1f]/.test(text));
});

Deno.test("documentationText() reports missing documentation", () => {
  const text = documentationText({
    ...DOC,
    isDocumented: false,
    parameters: [],
  });
  assert(text.includes("no documentation that ftl can read"));
});

Deno.test("plain() removes Ansible's markup", () => {
  assertEquals(
    plain(
      "C(a) I(b) B(c) O(d=e) V(f\\)) L(g, https://h) R(i, j) P(k.l#m) E(N)",
    ),
    "a b c d=e f) g (https://h) i k.l N",
  );
  assertEquals(
    plain("IMPORTANT(ly) is not markup"),
    "IMPORTANT(ly) is not markup",
  );
});

Deno.test("snippetOf() lists required arguments, and the state", () => {
  assertEquals(snippetOf({ name: "ping", parameters: [] }), "ping");
  assertEquals(snippetOf(DOC), "unit name=NAME state=started");
});

Deno.test("documentationText() says of a refused action what to use, and shows no call of it", () => {
  const doc: ModuleDocumentation = {
    ...DOC,
    name: "validate_argument_spec",
    kind: "action",
    fullName: "ansible.builtin.validate_argument_spec",
  };
  const text = documentationText(doc);
  assert(text.includes("ftl does not run it. Use assert"), text);
  assert(!text.includes("EXAMPLE CALL"), text);
  const shell = documentationText({
    ...doc,
    name: "shell",
    fullName: "ansible.builtin.shell",
    parameters: [{ ...PARAMETER, name: "free_form" }],
  });
  assert(shell.includes("EXAMPLE CALL\n  ftl run shell COMMAND"), shell);
});
