// What a start loads before it knows what to do.
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Loaded by every start, by help and the commands, and by each completion. */
const ENTRIES = [
  "main.ts",
  "src/cli/main_of_scripts.ts",
  "src/cli/program.ts",
  "src/cli/every_command.ts",
  "src/cli/commands/run/run_command.ts",
  "src/cli/commands/exec/exec_command.ts",
  "src/cli/completion/answer_completion.ts",
];

interface GraphModule {
  specifier: string;
  dependencies?: {
    specifier: string;
    isDynamic?: boolean;
    code?: { specifier?: string };
  }[];
}

for (const entry of ENTRIES) {
  Deno.test(`${entry} loads no module of Node, and nothing for NATS`, async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: ROOT,
    }).output();
    const { modules, roots } = JSON.parse(new TextDecoder().decode(stdout));
    const byUrl = new Map<string, GraphModule>(
      modules.map((each: GraphModule) => [each.specifier, each]),
    );
    const found: string[] = [];
    const open: string[] = [...roots];
    const seen = new Set(open);
    for (const url of open) {
      for (const each of byUrl.get(url)?.dependencies ?? []) {
        const { specifier, isDynamic, code } = each;
        if (isDynamic || code?.specifier === undefined) continue;
        const isUnwanted = specifier.startsWith("node:") ||
          /\/core\/nats\/|@nats-io/.test(code.specifier);
        if (isUnwanted) found.push(`${url}: ${specifier}`);
        if (!seen.has(code.specifier)) open.push(code.specifier);
        seen.add(code.specifier);
      }
    }
    assertEquals(found, []);
    assertEquals(seen.size > 5, true);
  });
}
