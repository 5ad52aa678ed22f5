import { assert, assertEquals } from "@std/assert";
import { createCompletionSource } from "../../../src/cli/completion/completion_source.ts";
import { needAnsible } from "../../support/ansible.ts";

const ansible = needAnsible();

Deno.test({
  name: `completion offers no module that ftl refuses${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: async () => {
    const inventory = { hosts: new Map(), groups: new Map() };
    const names = await createCompletionSource(inventory, {
      moduleDir: [ansible.modules],
    }).modules();
    assert(names.some((name) => /(?:^|\.)copy$/.test(name)), names.join(" "));
    const refused = names.filter((name) =>
      /(?:^|ansible\.builtin\.)(?:set_stats|validate_argument_spec)$/.test(name)
    );
    assertEquals(refused, []);
  },
});
