import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { processContext } from "../../../../src/cli/commands/context.ts";
import { readTree } from "../../../../src/cli/completion/command_tree.ts";
import { optionVariables } from "../../../../src/cli/options/add_options.ts";
import { createProgram } from "../../../../src/cli/program.ts";
import { manualPage } from "../../../../src/cli/manual/manual_page.ts";
import { line } from "../../../../src/cli/manual/roff.ts";
import { needProgram } from "../../../support/need.ts";

const program = createProgram({
  context: processContext(new AbortController().signal),
  action: () => async () => {},
});
const page = manualPage(program);

/** The page as a terminal shows it, and the warnings of its formatter. */
async function render(
  path: string,
  args: readonly string[],
): Promise<{ text: string; complaints: string }> {
  const file = await Deno.makeTempFile({ suffix: ".1" });
  try {
    await Deno.writeTextFile(file, page);
    const { stdout, stderr } = await new Deno.Command(path, {
      args: [...args, file],
      env: { MANWIDTH: "200", LC_ALL: "C.UTF-8", MAN_KEEP_FORMATTING: "" },
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { text: decode(stdout), complaints: decode(stderr) };
  } finally {
    await Deno.remove(file);
  }
}

const man = needProgram("man");
const groff = needProgram("groff");

Deno.test({
  name: `man shows the page without warnings${man.suffix}`,
  ignore: man.ignore,
  fn: async () => {
    const { text, complaints } = await render(man.path, ["--warnings", "-l"]);
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
    const { complaints } = await render(groff.path, ["-man", "-ww", "-z"]);
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
