import { assertEquals, assertThrows } from "@std/assert";
import { HostTemplates } from "../../src/inventory/templates/host_templates.ts";
import { FILE_SYNTAX } from "../../src/template/syntax/delimiters.ts";
import { TemplateError } from "../../src/template/template_error.ts";

const host = { name: "h1", vars: { chosen: "url" }, groups: [] };
const templates = new HostTemplates({
  inventory: { hosts: new Map([["h1", host]]), groups: new Map() },
});
const parse = (text: string) => templates.parseFile(text, "t.j2", FILE_SYNTAX);

const ABSENT: [call: string, says: string][] = [
  [
    "lookup('url', 'http://mirror/')",
    "ftl has no lookup 'url': use lookup('pipe', 'curl -fsS URL')",
  ],
  [
    "query('ansible.builtin.config', 'X')",
    "ftl has no lookup 'ansible.builtin.config': ftl does not read ansible.cfg, so write the value itself",
  ],
  [
    "query('community.general.passwordstore', 'web')",
    "ftl has no lookup 'community.general.passwordstore': use lookup('pipe', 'pass show NAME')",
  ],
  [
    "lookup('community.hashi_vault.vault_kv2_get', 'x').secret",
    "ftl has no lookup 'community.hashi_vault.vault_kv2_get': use lookup('pipe', 'vault kv get -field=FIELD PATH')",
  ],
  [
    "lookup('my.own.thing')",
    "ftl has no lookup 'my.own.thing': give the value as a variable, or use lookup('pipe', COMMAND)",
  ],
  ["lookup('flie', 'x')", "unknown lookup 'flie', did you mean 'file'?"],
];

for (const [call, says] of ABSENT) {
  Deno.test(`${call} says what to use instead, before any host`, () => {
    const error = assertThrows(() => parse(`a\n{{ ${call} }}`), TemplateError);
    assertEquals(error.reason, says);
    assertEquals(error.place?.line, 2);
  });
}

Deno.test("a lookup whose name a host's variable holds says it for the host", async () => {
  const template = parse("{{ lookup(chosen, 'http://mirror/') }}");
  const reason = await templates.file(template, { host }).catch(
    ({ reason }) => reason,
  );
  assertEquals(
    reason,
    "ftl has no lookup 'url': use lookup('pipe', 'curl -fsS URL')",
  );
});
