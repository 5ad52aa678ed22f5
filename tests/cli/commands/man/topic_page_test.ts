import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MANUAL_TOPICS } from "../../../../src/cli/manual/manual_topics.ts";
import { markdownLines } from "../../../../src/cli/manual/markdown_roff.ts";
import { topicPage } from "../../../../src/cli/manual/topic_page.ts";
import { WORDS } from "../../../../src/console/lines/words.ts";
import { CONNECTION_VARIABLES } from "../../../../src/inventory/connection/connection_settings.ts";
import { loadInventory } from "../../../../src/inventory/load.ts";
import { selectHosts } from "../../../../src/inventory/pattern/pattern.ts";
import { openInventorySources } from "../../../../src/core/input/inventory_sources.ts";
import { needProgram } from "../../../support/need.ts";
import { renderPage } from "./render_page.ts";

const man = needProgram("man");
const groff = needProgram("groff");

/** Columns that man puts before an example. */
const INDENT = 11;

for (const topic of MANUAL_TOPICS) {
  const page = topicPage(topic);

  Deno.test({
    name: `man and groff show ftl-${topic}(7) without warnings${
      man.suffix || groff.suffix
    }`,
    ignore: man.ignore || groff.ignore,
    fn: async () => {
      const shown = await renderPage(page, man.path, ["--warnings", "-l"]);
      assertEquals(shown.complaints, "");
      assertStringIncludes(shown.text, `ftl-${topic} - `);
      const checked = await renderPage(page, groff.path, ["-man", "-ww", "-z"]);
      assertEquals(checked.complaints, "");
    },
  });

  Deno.test(`ftl-${topic}(7) is ASCII, and has no Markdown left`, () => {
    assert(/^[\n\x20-\x7e]+$/.test(page));
    const prose = page.replace(/^\.nf$[^]*?^\.fi$/gm, "");
    assertEquals(/\]\(|\*\*|^#|^\|/m.exec(prose), null);
    assertEquals(prose.includes("\\(ga"), false);
  });

  Deno.test(`examples of ftl-${topic}(7) fit 80 columns`, () => {
    const examples = page.match(/^\.nf$[^]*?^\.fi$/gm) ?? [];
    const long = examples.join("\n").split("\n")
      .map((line) => line.replaceAll("\\&", "").replace(/\\\(..|\\./g, "x"))
      .filter((line) => line.length > 80 - INDENT);
    assertEquals(long, []);
  });
}

Deno.test("ftl-console(7) has every command of the console", () => {
  const page = topicPage("console");
  for (const { name } of WORDS) {
    assertStringIncludes(page, `\n.TP\n\\fB:${name}\\fR`);
  }
});

Deno.test("ftl-inventory(7) has every connection variable", () => {
  const page = topicPage("inventory");
  for (const names of Object.values(CONNECTION_VARIABLES)) {
    assert(
      names.some((name) => page.includes(`\\fB${name}\\fR`)),
      names.join(),
    );
  }
});

Deno.test("what ftl-patterns(7) says about patterns is so", async () => {
  const inventory = await loadInventory(
    ["app[1-3],"],
    openInventorySources(),
  );
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/hosts.ini`;
    await Deno.writeTextFile(
      file,
      "[web]\nweb[1:3]\n[db]\ndb[1:2]\n[dc1]\nweb1\ndb1\n",
    );
    const real = await loadInventory([file], openInventorySources());
    const names = (pattern: string) =>
      selectHosts(real, pattern).map(({ name }) => name).join(" ");
    for (const [pattern, last] of [["app[12]", "app2"], ["app[!12]", "app3"]]) {
      assertEquals(selectHosts(inventory, pattern!).at(-1)!.name, last);
    }
    for (
      const [pattern, hosts] of [
        ["web1", "web1"],
        ["web", "web1 web2 web3"],
        ["*", "web1 web2 web3 db1 db2"],
        ["db*", "db1 db2"],
        ["web[1-3,2]", "web1 web2 web3"],
        ["web[0]", "web1"],
        ["web[-1]", "web3"],
        ["web[0:2]", "web1 web2 web3"],
        ["~web\\d", "web1 web2 web3"],
        ["web,db", "web1 web2 web3 db1 db2"],
        ["web:&dc1", "web1"],
        ["!web3", "web1 web2 db1 db2"],
        ["!web3:web", "web1 web2"],
      ] as const
    ) assertEquals(names(pattern), hosts, pattern);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("markdownLines() turns tables of three columns into terms with headings", () => {
  const text = "# Title\n\n| a | b | c |\n| - | - | - |\n| `x` | y | z |\n";
  assertEquals(markdownLines(text), [".TP", "\\fBx\\fR", "y; c: z"]);
});
