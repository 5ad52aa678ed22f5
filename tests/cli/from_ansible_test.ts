// docs/from-ansible.md names every option of Ansible's commands, and only options
// that ftl has.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { readTree } from "../../src/cli/completion/command_tree.ts";
import { processContext } from "../../src/cli/commands/context.ts";
import {
  ANSIBLE_SETTINGS,
  counterpartOf,
  counterpartOfVariable,
} from "../../src/cli/commands/doctor/ansible_settings.ts";
import { createProgram } from "../../src/cli/program.ts";
import { EVERY_COMMAND } from "../../src/cli/every_command.ts";
import { WORDS } from "../../src/console/lines/words.ts";
import { needProgram } from "../support/need.ts";

const TEXT = await Deno.readTextFile(
  fromFileUrl(new URL("../../docs/from-ansible.md", import.meta.url)),
);

/** The rows of the table under a heading, cell by cell. */
function rowsUnder(heading: string): string[][] {
  const [, section = ""] = TEXT.split(`\n## ${heading}\n`);
  const rows = section.split("\n## ")[0]!.split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
  assert(rows.length > 3, `no table under ${heading}`);
  return rows.slice(2);
}

/** The options in a text of the page, only those in code quotes. */
function optionsIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code]) =>
    code!.split(" ").filter((word) => /^--?[A-Za-z]/.test(word))
  );
}

/** The options in the help of a command of Ansible. */
async function optionsOf(path: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(path, {
    args: ["--help"],
    env: { COLUMNS: "200", LC_ALL: "C.UTF-8" },
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.map((line) => /^ {1,4}(-.*?)(?: {2,}.*)?$/.exec(line)?.[1])
    .filter((flags) => flags !== undefined)
    .flatMap((flags) =>
      flags.split(", ").map((flag) => flag.trim().split(/[ =]/)[0]!)
    );
}

const COMMANDS = {
  "ansible": "ansible",
  "ansible-console": "ansible-console",
  "ansible-doc": "ansible-doc",
  "ansible-inventory": "ansible-inventory",
} as const;

for (const name of Object.keys(COMMANDS)) {
  const { ignore, suffix, path } = needProgram(name);
  Deno.test({
    name: `the page has a counterpart for every option of ${name}${suffix}`,
    ignore,
    fn: async () => {
      const own = rowsUnder(`\`${name}\``).flatMap(([cell]) =>
        optionsIn(cell!)
      );
      // The page refers from ansible-console to `ansible`.
      const shared = name === "ansible-console"
        ? rowsUnder("`ansible`").flatMap(([cell]) => optionsIn(cell!))
        : [];
      const theirs = await optionsOf(path);
      assert(theirs.length > 10, "no options were read");
      const missing = theirs.filter((each) =>
        ![...own, ...shared].includes(each)
      );
      assertEquals(missing, []);
    },
  });
}

Deno.test("the page names only options and commands that ftl has", () => {
  const program = createProgram({
    context: processContext(new AbortController().signal),
    action: () => async () => {},
  }, EVERY_COMMAND);
  const tree = readTree(program);
  const known = new Set(
    tree.flatMap(({ options }) => options.flatMap(({ names }) => names)),
  );
  const commands = tree.map(({ path }) => `ftl${path.replaceAll("/", " ")}`);
  for (const name of Object.keys(COMMANDS)) {
    for (const [, cell = "", note = ""] of rowsUnder(`\`${name}\``)) {
      for (const text of [cell, note]) {
        for (const option of optionsIn(text)) {
          assert(known.has(option), `${option} of "${text}"`);
        }
        for (const [, words] of text.matchAll(/`ftl ([a-z ]+)/g)) {
          assert(
            commands.includes(`ftl ${words!.trim()}`),
            `ftl ${words} of "${text}"`,
          );
        }
      }
    }
  }
});

Deno.test("the page names only commands that the console has", () => {
  const known: readonly string[] = WORDS.map(({ name }) => name);
  const named = rowsUnder("`ansible-console`").slice(1).flat()
    .flatMap((cell) => [...cell.matchAll(/`:([a-z-]+)( [^`]+)?`/g)]);
  assert(named.length > 10, "no words were read");
  for (const [whole, name] of named) assert(known.includes(name!), whole);
});

Deno.test("the page's table of settings matches the doctor", () => {
  const rows = rowsUnder("`ansible.cfg`").map((cells) => cells.join(" | "));
  assertEquals(rows.length, ANSIBLE_SETTINGS.length);
  for (const setting of ANSIBLE_SETTINGS) {
    const [section, name] = setting.split(".") as [string, string];
    const use = counterpartOf(section, name)!;
    // The page may have formatting characters.
    const plain = rows.map((row) => row.replaceAll("\\", ""));
    assertStringIncludes(plain.join("\n"), `\`[${section}] ${name}\` | ${use}`);
  }
  assertEquals(counterpartOfVariable("ANSIBLE_BECOME_USER"), "--become-user");
});
