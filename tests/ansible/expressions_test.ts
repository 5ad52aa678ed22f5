// Expressions of many kinds, rendered by Ansible's own Templar and by ftl's engine.
import { assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { HostTemplates } from "../../src/inventory/templates/host_templates.ts";
import { parseExact } from "../../src/json/exact_json.ts";
import { FILE_SYNTAX } from "../../src/template/syntax/delimiters.ts";
import { needAnsible, runPython } from "../support/ansible.ts";

const need = needAnsible();
const FIXTURES = new URL("../fixtures/templates/", import.meta.url);

Deno.test({
  name: `expressions give what Ansible's Templar gives${need.suffix}`,
  ignore: need.ignore,
  fn: async () => {
    const text = await Deno.readTextFile(new URL("expressions.txt", FIXTURES));
    const json = await Deno.readTextFile(new URL("expressions.json", FIXTURES));
    const templates = text.split("\n").slice(0, -1);
    const paths = JSON.stringify([dirname(dirname(need.modules))]);
    const theirs = await runPython(
      need.python,
      new URL("templar.py", import.meta.url),
      `{"templates": ${JSON.stringify(templates)}, "variables": ${json}, ` +
        `"paths": ${paths}}`,
    ) as { text?: string; error?: string }[];
    const vars = parseExact(json) as Record<string, unknown>;
    const host = { name: "h1", vars, groups: [] };
    const inventory = { hosts: new Map([["h1", host]]), groups: new Map() };
    const own = new HostTemplates({ inventory });
    for (const [at, template] of templates.entries()) {
      const { text: wanted } = theirs[at]!;
      let given: string | undefined;
      try {
        const parsed = own.parseFile(template, "t.j2", FILE_SYNTAX);
        given = (await own.file(parsed, { host })).value;
      } catch {
        given = undefined; // as Ansible's error is
      }
      assertEquals({ template, text: given }, { template, text: wanted });
    }
  },
});
