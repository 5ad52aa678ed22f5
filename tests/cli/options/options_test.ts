// The style of help (docs/style.md), for every command and option.
import { assert, assertMatch } from "@std/assert";
import type { Command } from "commander";
import { processContext } from "../../../src/cli/commands/context.ts";
import { makeAllOptions } from "../../../src/cli/options/add_options.ts";
import { SETTING_NAMES } from "../../../src/cli/options/setting_names.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { EVERY_COMMAND } from "../../../src/cli/every_command.ts";

const program = createProgram({
  context: processContext(new AbortController().signal),
  action: () => async () => {},
}, EVERY_COMMAND);
makeAllOptions(program);

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap((c) => everyCommand(c))];
}

const commands = everyCommand(program);

Deno.test("every option and argument has a phrase without a final period", () => {
  for (const command of commands) {
    const phrases = [
      ...command.options.filter(({ hidden }) => !hidden).map((
        { description },
      ) => description),
      ...command.registeredArguments.map(({ description }) => description),
    ];
    for (const phrase of phrases) {
      assertMatch(phrase, /^(?:[a-z]|KEY=|pip ).*[^.]$/, command.name());
    }
  }
});

Deno.test("every command has a phrase for lists, and sentences for its help", () => {
  for (const command of commands.slice(1)) {
    assertMatch(command.summary(), /^[a-z].*[^.]$/, command.name());
    assertMatch(command.description(), /^[A-Z][^]*\.$/, command.name());
  }
});

Deno.test("hints name only options that a command has", () => {
  const known = new Set(
    commands.flatMap(({ options }) =>
      options.flatMap(({ short, long }) => [short, long])
    ),
  );
  for (const [setting, text] of Object.entries(SETTING_NAMES)) {
    for (const option of text.match(/-{1,2}[a-zA-Z][\w-]*/g) ?? []) {
      assert(known.has(option), `${option} for ${setting}`);
    }
  }
});
