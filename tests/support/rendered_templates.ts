// Templates as ftl and as Ansible render them, for tests that compare both.
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { HostTemplates } from "../../src/inventory/templates/host_templates.ts";
import { FILE_SYNTAX } from "../../src/template/syntax/delimiters.ts";
import { type NeedAnsible, runPython } from "./ansible.ts";

/** What a template makes, or why it makes nothing. */
export interface Rendered {
  readonly text?: string;
  readonly error?: string;
}

/** Renders templates of a folder with ftl. */
export async function renderedByFtl(
  dir: string,
  templates: readonly string[],
): Promise<Rendered[]> {
  const host = { name: "h1", vars: {}, groups: [] };
  const inventory = { hosts: new Map([["h1", host]]), groups: new Map() };
  const own = new HostTemplates({ inventory });
  return await Promise.all(templates.map(async (template) => {
    try {
      const parsed = own.parseFile(template, join(dir, "t.j2"), FILE_SYNTAX);
      return { text: (await own.file(parsed, { host })).value };
    } catch (error) {
      return { error: (error as Error).message };
    }
  }));
}

/** Renders templates with Ansible's own Templar. */
export async function renderedByAnsible(
  { python, modules }: NeedAnsible,
  templates: readonly string[],
): Promise<Rendered[]> {
  const paths = [dirname(dirname(modules))];
  return await runPython(
    python,
    new URL("../ansible/templar.py", import.meta.url),
    JSON.stringify({ templates, variables: {}, paths }),
  ) as Rendered[];
}

/** Compares what both make of expressions; DIR in them stands for a folder. */
export async function assertRenderedAlike(
  need: NeedAnsible,
  dir: string,
  expressions: readonly string[],
): Promise<void> {
  const templates = expressions.map((each) =>
    `{{ ${each.replaceAll("DIR", dir)} }}`
  );
  const theirs = await renderedByAnsible(need, templates);
  const given = await renderedByFtl(dir, templates);
  assertEquals(
    given.map(({ text }, at) => [expressions[at], text]),
    theirs.map(({ text }, at) => [expressions[at], text]),
  );
}
