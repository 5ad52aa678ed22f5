// A program in another folder, with a configuration of its own that only names
// ftl: it must type-check under default compiler options, and run what README
// shows.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { needProgram } from "./support/need.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

const HOSTS = `
web:
  hosts: { here: { ansible_connection: local } }
  vars: { motd: hello from README }
`;

const python = needProgram("python3");

Deno.test({
  name: `a program outside the checkout runs what README shows${python.suffix}`,
  ignore: python.ignore,
  fn: runReadme,
});

async function runReadme(): Promise<void> {
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  const config = JSON.parse(blockOf(readme, "json"));
  assertEquals(config.links, ["../ftl"]);
  const folder = await Deno.makeTempDir();
  try {
    await write(folder, {
      "deno.json": JSON.stringify({ ...config, links: [ROOT] }),
      "program.ts": blockOf(readme, "ts"),
      "hosts.yml": HOSTS,
      "modules/facts.py": blockOf(readme, "python"),
    });
    await deno(folder, ["check", "program.ts"]);
    const printed = await deno(folder, ["run", "-A", "program.ts"]);
    assertStringIncludes(printed, 'greeting: "hello from README"');
    assertStringIncludes(printed, "here ok");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The first block of a language in a page. */
function blockOf(page: string, language: string): string {
  const block = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(
    page,
  );
  assert(block !== null, `README has a block of ${language}`);
  return block[1]!;
}

async function write(
  folder: string,
  files: Record<string, string>,
): Promise<void> {
  await Deno.mkdir(join(folder, "modules"));
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
}

async function deno(cwd: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { FTL_HOME: join(cwd, "store"), NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  return text.decode(stdout);
}
