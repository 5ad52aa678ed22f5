import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { processContext } from "../../../../src/cli/commands/context.ts";
import { readTree } from "../../../../src/cli/completion/command_tree.ts";
import { optionVariables } from "../../../../src/cli/options/add_options.ts";
import { createProgram } from "../../../../src/cli/program.ts";
import { EVERY_COMMAND } from "../../../../src/cli/every_command.ts";
import { manualPage } from "../../../../src/cli/manual/manual_page.ts";
import { line } from "../../../../src/cli/manual/roff.ts";
import { needProgram } from "../../../support/need.ts";
import { renderPage } from "./render_page.ts";

const program = createProgram({
  context: processContext(new AbortController().signal),
  action: () => async () => {},
}, EVERY_COMMAND);
const page = manualPage(program);

const man = needProgram("man");
const groff = needProgram("groff");

Deno.test({
  name: `man shows the page without warnings${man.suffix}`,
  ignore: man.ignore,
  fn: async () => {
    const { text, complaints } = await renderPage(page, man.path, [
      "--warnings",
      "-l",
    ]);
    assertEquals(complaints, "");
    const words = text.replace(/\s+/g, " ");
    for (const { path, options } of readTree(program)) {
      const name = `ftl${path.replaceAll("/", " ")}`;
      if (path !== "/repl") assertStringIncludes(words, name);
      for (const { names, help } of options) {
        if (names.includes("--help") || path === "") continue;
        for (const each of names) assertStringIncludes(words, each, name);
        // The formatter may break a word at a hyphen.
        const [begin = ""] = help.slice(1).split(/[^\w ]/);
        assertStringIncludes(words, begin.trim(), `${name} ${names}`);
      }
    }
    for (const variable of optionVariables(program)) {
      assertStringIncludes(words, variable);
    }
  },
});

Deno.test({
  name: `groff has no warnings about the page${groff.suffix}`,
  ignore: groff.ignore,
  fn: async () => {
    const { complaints } = await renderPage(page, groff.path, [
      "-man",
      "-ww",
      "-z",
    ]);
    assertEquals(complaints, "");
  },
});

Deno.test("the page is ASCII, and lists the choices of options", () => {
  assert(/^[\n\x20-\x7e]+$/.test(page));
  assertStringIncludes(page, "One of: check, accept\\-new, off.");
});

Deno.test("line() escapes everything that troff reads as a command", () => {
  assertEquals(line(".so /etc/passwd"), "\\&.so /etc/passwd");
  assertEquals(line("'x\\n-…"), "\\(aqx\\en\\-\\[u2026]");
});
