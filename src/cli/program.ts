// The tree of commands. Each subcommand adds itself from a file of its own; the
// number that its action returns is the exit status.
import { Command, CommanderError } from "commander";
import type { AddCommand, CommandHost } from "./commands/command.ts";
import { escapeText } from "../output/escape.ts";
import type { Context } from "./commands/context.ts";
import { showPages } from "./terminal/pager.ts";
import { hasTables } from "./options/add_options.ts";
import { EXIT } from "./process/exit_code.ts";
import { inHouseStyle } from "./options/refusal.ts";

/**
 * Runs one command line. A wrong one is reported on stderr, with status 2.
 *
 * @param subcommandsFor Gives what adds the subcommands that its words need.
 */
export async function runProgram(
  argv: readonly string[],
  context: Context,
  subcommandsFor: (words: readonly string[]) => Promise<readonly AddCommand[]>,
): Promise<number> {
  let status: number = EXIT.ok;
  let help = "";
  const words = expandShorthand(argv);
  const program = createProgram({
    context,
    argv: words,
    showHelp: (text) => help += text,
    action: (run) => async (...args) => {
      status = await run(...args);
    },
  }, await subcommandsFor(words));
  try {
    await program.parseAsync(words, { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (help !== "") {
      const isPlain = words.includes("--plain");
      await showPages({ text: help, isPlain }, context);
    }
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

/** Makes the tree of commands, for running, help and completions. */
export function createProgram(
  host: CommandHost,
  commands: readonly AddCommand[],
): Command {
  const program = new Command("ftl")
    .description(
      "Runs automation modules on many hosts over SSH, through a gate on each " +
        "host: an archive that is built once, sent once, and stays open.",
    )
    .usage("COMMAND [OPTIONS]")
    .option(
      "-V, --version",
      "print the version; --version --json also who signs it",
    )
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    // The terms of commands leave fewer than the 40 columns that it wraps by default.
    .configureHelp({ minWidthToWrap: 30 })
    .configureOutput({
      writeOut: (text) => (host.showHelp ?? host.context.out)(text),
      writeErr: (text) =>
        host.context.err(escapeText(inHouseStyle(text, host.argv ?? []))),
    })
    .showHelpAfterError("     Add --help to see the options")
    .addHelpText("after", EXAMPLES)
    .hook("preAction", async (_, command) => {
      if (!hasTables(command)) return;
      const { applySettings } = await import("./settings/apply_settings.ts");
      await applySettings(command, host.context);
    });
  for (const add of commands) add(program, host);
  for (const command of everyCommand(program)) {
    command.copyInheritedSettings(program);
  }
  return program;
}

function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}

/** `ftl -m NAME …` is short for `ftl run -m NAME …`. */
function expandShorthand(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const named = words.some((word) =>
    /^(-[mf]|--module(=.*)?|--ftl-module(=.*)?)$/.test(word)
  );
  return named && words[0]!.startsWith("-") ? ["run", ...argv] : [...argv];
}

const EXAMPLES = `
Examples:
  ftl run ping -i web1,web2, -M modules     run a module on two hosts
  ftl run service name=nginx state=started -i hosts.yml -l web
  ftl exec -i hosts.yml -- uptime           run a shell command, without Python
  ftl console -i hosts.yml                  make call after call on open gates
  ftl demo                                  try ftl without any hosts

Exit status: 0 all ok, 1 a module failed, 2 the command line, inventory, module
or gate was wrong (no host was contacted), 3 a host was unreachable, 4 a call
timed out, 70 an internal error, 74 this machine ran out of disk, memory or
files, 130 interrupted.
`;
