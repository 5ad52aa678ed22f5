import { assertEquals } from "@std/assert";
import { YAML_FILTERS } from "../../src/inventory/templates/yaml_filter.ts";
import { LIBRARY } from "../../src/template/template_library.ts";

/** The names that a section of the page lists. */
async function listed(section: string): Promise<string[]> {
  const page = await Deno.readTextFile(
    new URL("../../docs/templates.md", import.meta.url),
  );
  const text = page.split(`\n### ${section}\n`)[1]!.split(/\n#+ /)[0]!;
  const [names = ""] = text.trim().split("\n\n");
  return Array.from(names.matchAll(/`([\w]+)`/g), ([, name]) => name!);
}

const { filters, tests, functions, lookups } = LIBRARY;

for (
  const [section, names] of [
    ["Filters", [...filters.keys(), ...Object.keys(YAML_FILTERS)]],
    ["Tests", [...tests.keys()].filter((name) => /\w/.test(name))],
    ["Functions", [...functions.keys()]],
    ["Lookups", [...lookups.keys(), "inventory_hostnames"]],
  ] as const
) {
  Deno.test(`docs/templates.md lists all ${section.toLowerCase()}`, async () => {
    assertEquals(await listed(section), names.toSorted());
  });
}
