import { assertEquals } from "@std/assert";
import { HostFacts } from "../../../src/core/fleet/host_facts.ts";
import { SPECIAL_NAMES } from "../../../src/inventory/special_names.ts";
import { UnsafeText } from "../../../src/inventory/secret_value.ts";

const web1 = {
  name: "web1",
  groups: ["web"],
  vars: { ansible_distribution: "mine", port: 80 },
};

Deno.test("facts are members of ansible_facts, and variables where the inventory has none", () => {
  const facts = new HostFacts();
  assertEquals(facts.seen(web1), web1);
  facts.note("web1", {
    ansible_facts: {
      ansible_distribution: "Debian",
      ansible_os_family: "Debian",
      ansible_local: { a: 1 },
      packages: ["a"],
    },
  });
  const { vars, name, groups } = facts.seen(web1);
  assertEquals([name, groups], ["web1", ["web"]]);
  assertEquals({ ...vars.ansible_facts as object }, {
    distribution: "Debian",
    os_family: "Debian",
    ansible_local: Object.assign(Object.create(null), { a: 1 }),
    packages: ["a"],
  });
  const { ansible_distribution, ansible_os_family, port, packages } = vars;
  assertEquals(
    [ansible_distribution, ansible_os_family, port, packages],
    ["mine", "Debian", 80, ["a"]],
  );
});

Deno.test("later facts are added to those before, and results without any change nothing", () => {
  const facts = new HostFacts();
  for (const result of [null, { changed: true }, { ansible_facts: "x" }]) {
    facts.note("web1", result);
  }
  assertEquals(facts.has("web1"), false);
  facts.note("web1", { ansible_facts: { ansible_a: 1, ansible_b: 1 } });
  facts.note("web1", { ansible_facts: { ansible_b: 2 } });
  const { vars } = facts.seen({ name: "web1", groups: [], vars: {} });
  assertEquals([vars.ansible_a, vars.ansible_b], [1, 2]);
  facts.forget("web1");
  assertEquals(facts.has("web1"), false);
});

Deno.test("a host cannot set how it is reached, nor templates", () => {
  const facts = new HostFacts();
  facts.note("web1", {
    ansible_facts: {
      ansible_host: "evil",
      ansible_become_password: "evil",
      ansible_python_interpreter: "/evil",
      discovered_interpreter: "/evil",
      ansible_motd: ["{{ lookup('file', '/etc/shadow') }}"],
    },
  });
  const { vars } = facts.seen({ name: "web1", groups: [], vars: {} });
  assertEquals(Object.keys(vars).sort(), [
    ...["ansible_facts", "ansible_motd"],
  ]);
  const [motd] = vars.ansible_motd as unknown[];
  assertEquals(motd instanceof UnsafeText, true);
});

Deno.test("a host cannot take another's name, groups or variables", () => {
  const facts = new HostFacts();
  const said: Record<string, string> = {};
  for (const name of SPECIAL_NAMES) said[name] = "forged";
  facts.note("web1", { ansible_facts: { ...said, rack: "r1" } });
  const { vars } = facts.seen({ name: "web1", groups: [], vars: {} });
  assertEquals(Object.keys(vars).sort(), ["ansible_facts", "rack"]);
});
