// Errors about an inventory file name file, line and column, and give advice. One
// table for all formats: users read these texts.
import { assertEquals, assertRejects } from "@std/assert";
import { InventoryError } from "../../../src/errors.ts";
import { loadInventory } from "../../../src/inventory/load.ts";
import { memorySources } from "../memory_sources.ts";

/** A file, its content, the message without "Cannot use inventory ", the hint. */
type Fault = [
  file: string,
  content: string | Uint8Array,
  message: string,
  hint?: string,
];

const faults: Fault[] = [
  [
    "open.ini",
    "[web:vars\n",
    "open.ini:1:1: the section [web:vars is not closed",
    "Write [web:vars]",
  ],
  [
    "tab.yml",
    "all:\n\thosts:\n",
    "tab.yml:2:1: tabs are not allowed as indentation",
    "Indent with spaces; YAML allows no tabs there",
  ],
  [
    "list.yml",
    "all:\n  hosts:\n    - web1\n",
    "list.yml:3:5: hosts of group all must be a mapping, found a list",
    "Write each as name: instead of - name",
  ],
  [
    "root.yml",
    "- web1\n",
    "root.yml:1:1: an inventory is a mapping of groups, found a list",
    "Start with all:, and put hosts: below it",
  ],
  [
    "text.yml",
    "web1",
    'text.yml:1:1: an inventory is a mapping of groups, found the text "web1"',
  ],
  [
    "top.yml",
    "hosts:\n  web1:\n",
    "top.yml:1:1: hosts is outside of any group",
    "Put it below a group, such as all:",
  ],
  [
    "indent.yml",
    "all:\n  hosts:\n    a:\n   b:\n",
    "indent.yml:3:7: all mapping items must start at the same column",
    "Indent all entries of a mapping equally",
  ],
  [
    "template.yml",
    "all:\n  vars:\n    a: {{ b }}\n",
    "template.yml:3:9: a mapping or a list cannot be a key",
    'Put the template in quotes: "{{ … }}"',
  ],
  [
    "tag.yml",
    "all:\n  vars:\n    a: !foo b\n",
    "tag.yml:3:13: the tag !foo has no meaning here",
  ],
  [
    "tag_map.yml",
    "all:\n  vars:\n    a: !!str {b}\n",
    "tag_map.yml:3:14: the tag !!str has no meaning here",
  ],
  [
    "number.yml",
    "all:\n  vars:\n    a: !!int x\n",
    'number.yml:3:14: "x" is not a whole number',
  ],
  [
    "alias.yml",
    "all:\n  vars:\n    a: *nope\n",
    "alias.yml:3:8: the alias *nope has no anchor &nope before it",
  ],
  [
    "self.yml",
    "all:\n  vars: &a\n    a: *a\n",
    "self.yml:3:8: the alias *a is inside its own anchor",
  ],
  [
    "merge.yml",
    "all:\n  vars:\n    <<: 3\n",
    "merge.yml:3:5: << needs a mapping or a list of mappings",
  ],
  [
    "documents.yml",
    "all:\n---\nall:\n",
    "documents.yml:2:1: a second document starts",
    "Remove the --- inside the file",
  ],
  [
    "colon.yml",
    "all:\n  vars:\n    a: b: c\n",
    "colon.yml:3:8: nested mappings are not allowed in compact mappings",
    "Put a value that contains a colon and a space in quotes",
  ],
  ["deep.yml", `a: ${"[".repeat(5000)}`, "it is nested too deeply"],
  [
    "plugin.yml",
    "plugin: aws_ec2\n",
    "plugin.yml:1:1: it configures an inventory plugin, which only Ansible can run",
    "Save the output of ansible-inventory --list, and use that",
  ],
  [
    "host.yml",
    "all:\n  hosts:\n    10:\n",
    "host.yml:3:5: the name of a host must be text, found 10",
    "Put it in quotes",
  ],
  [
    "group.yml",
    "yes:\n  hosts:\n",
    "group.yml:1:1: the name of a group must be text, found true",
    "Put it in quotes",
  ],
  [
    "host_vars.yml",
    "all:\n  hosts:\n    web1: 10.0.0.1\n",
    'host_vars.yml:3:11: host web1 must be a mapping of variables, found the text "10.0.0.1"',
    "Write each as name: value",
  ],
  [
    "vars.yml",
    "all:\n  vars: [a]\n",
    "vars.yml:2:9: vars of group all must be a mapping of variables, found a list",
  ],
  [
    "loop.yml",
    "a:\n  children:\n    b:\n      children:\n        a:\n",
    "loop.yml:3:5: groups contain each other: a > b > a",
    "Remove one of them from the other's children",
  ],
  [
    "all_below.yml",
    "a:\n  children:\n    all:\n",
    "all_below.yml:3:5: groups contain each other: all > a > all",
  ],
  [
    "own_child.yml",
    "a:\n  children:\n    a:\n",
    "own_child.yml:3:5: group a cannot be its own child",
  ],
  [
    "range.yml",
    "all:\n  hosts:\n    web[3:1]:\n",
    "range.yml:3:5: cannot expand range web[3:1]: its end is before its start",
  ],
  [
    "latin1.yml",
    new Uint8Array([0x61, 0x3a, 0x0a, 0x20, 0xff, 0x0a]),
    "latin1.yml:2: the file is not UTF-8 text",
    "Save it as UTF-8",
  ],
  [
    "control.yml",
    'all:\n  hosts:\n    "a\\tb":\n',
    'control.yml:3:5: host name "a\\tb" contains a control character',
  ],
  [
    "no_name.yml",
    'all:\n  hosts:\n    "":\n',
    'no_name.yml:3:5: host name "" is empty',
  ],
  [
    "option.yml",
    "all:\n  hosts:\n    -oProxyCommand=x:\n",
    'option.yml:3:5: host name "-oProxyCommand=x" starts with a hyphen',
  ],
  [
    "priority.yml",
    "all:\n  vars:\n    ansible_group_priority: x\n",
    'priority.yml:3: ansible_group_priority of group all must be a whole number, found "x"',
  ],
  [
    "ini.yml",
    "[web]\nweb1\n",
    "ini.yml:2:1: ",
    "If this is INI, name the file .ini",
  ],
  [
    "vault.yml",
    "$ANSIBLE_VAULT;1.1;AES256\n33310a33320a3333\n",
    "vault.yml:1: the file is encrypted with Ansible Vault, and no vault password is set",
    "Give its vault password with `vault`",
  ],
  [
    "space.ini",
    "[we b]\n",
    "space.ini:1:1: [we b] is not a section",
    "Use [group], [group:vars] or [group:children], without spaces",
  ],
  [
    "kind.ini",
    "[web:var]\n",
    "kind.ini:1:1: [web:var] is not a kind of section",
    "Use [group], [group:vars] or [group:children]",
  ],
  [
    "vars.ini",
    "[web:vars]\na=1\n",
    "vars.ini:1:1: [web:vars] is for a group that is not defined",
    "Add a section [web]",
  ],
  [
    "children.ini",
    "[a:children]\n  b\n",
    "children.ini:2:3: [a:children] names the group b, which is not defined",
    "Add a section [b]",
  ],
  [
    "child.ini",
    "[a:children]\nb c\n",
    "child.ini:2:1: expected the name of a group, found b c",
  ],
  [
    "word.ini",
    "[web]\nweb1 foo\n",
    "word.ini:2:1: expected name=value, found foo",
    "Put a value with spaces in quotes",
  ],
  [
    "loose.ini",
    "a=1\n",
    "loose.ini:1:1: expected a host, found a=1",
    "Put variables after a host's name, or into [ungrouped:vars]",
  ],
  [
    "yaml.ini",
    "all:\n  hosts:\n",
    "yaml.ini:1:1: expected a host, found all:",
    "If this is YAML, name the file .yml",
  ],
  ["quote.ini", "web1 a='b\n", "quote.ini:1:1: a ' is not closed"],
  ["escape.ini", "web1 a=b\\", "escape.ini:1:1: a backslash ends the line"],
  [
    "range.ini",
    "web[1:\n",
    "range.ini:1:1: cannot expand range web[1:: a [ is not closed",
  ],
  [
    "variable.ini",
    "[all:vars]\nfoo\n",
    "variable.ini:2:1: expected name=value, found foo",
  ],
  [
    "list.json",
    '["a"]',
    "list.json: an inventory is a mapping of groups, found a list",
  ],
  ["broken.json", '{"all": {\n  "hosts": {"a" "b"}}}', "broken.json:2:17: "],
  [
    "number.json",
    '{"_meta": {}, "web": {"hosts": ["a", 3]}}',
    "number.json: hosts of group web must be a list of names, found 3 in it",
  ],
  [
    "meta.json",
    '{"_meta": {"hostvars": {"a": [1]}}, "web": ["a"]}',
    "meta.json: host a must be a mapping of variables, found a list",
  ],
];

for (const [file, content, message, hint] of faults) {
  Deno.test(`loadInventory() refuses ${file} with a reason and a place`, async () => {
    const error = await assertRejects(
      () => loadInventory([file], memorySources({ [file]: content })),
      InventoryError,
      message,
    );
    assertEquals(
      error.message.startsWith(`Cannot use inventory ${file}`),
      true,
      error.message,
    );
    if (hint) assertEquals(error.hint, hint);
  });
}

const doubts: [file: string, content: string, warnings: string[]][] = [
  ["empty.yml", "---\n", ["empty.yml:1:4: the file is empty"]],
  ["empty", "", ["empty: the file is empty"]],
  [
    "typo.yml",
    "all:\n  host:\n    web1:\n  chldren: 3\n",
    [
      "typo.yml:2:3: skipped host of group all: a group has hosts, vars, children; did you mean hosts?",
      "typo.yml:4:3: skipped chldren of group all: a group has hosts, vars, children; did you mean children?",
    ],
  ],
  ["group.yml", "web: 3\n", [
    "group.yml:1:6: skipped web: a group is a mapping, found the number 3",
  ]],
  [
    "twice.yml",
    "all:\n  vars:\n    a: 1\n    a: 2\n",
    ["twice.yml:4:5: the key a is already in line 3; this one wins"],
  ],
  [
    "twice.json",
    '{"all": {"vars": {"a": 1,\n "a": 2}}}',
    ["twice.json:2: the key a is already in line 1; this one wins"],
  ],
  [
    "both.ini",
    "[web]\nweb\n",
    ["both.ini: web is both a host and a group; a pattern chooses the host"],
  ],
];

for (const [file, content, warnings] of doubts) {
  Deno.test(`loadInventory() reads ${file} and warns as Ansible does`, async () => {
    const inventory = await loadInventory(
      [file],
      memorySources({ [file]: content }),
    );
    assertEquals(inventory.warnings, warnings);
  });
}
