// Declares `ftl console`.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import type { ConsoleOptions } from "./console_handler.ts";
import { addOptions } from "../../options/add_options.ts";
import { CONSOLE_TABLES } from "../../options/option_tables.ts";

/** Adds `ftl console`. */
export function addConsole(program: Command, { context, action }: CommandHost) {
  const command = program.command("console")
    .alias("repl")
    .summary("make call after call on open gates")
    .description(
      "Reads one call per line and makes it on gates that stay open: " +
        "MODULE KEY=VALUE…, or !COMMAND for the shell. Commands of the " +
        "console start with a colon; :help lists them. Lines come from the " +
        "terminal, a script, or a pipe. A script or a pipe stops at the first " +
        "line that fails.",
    )
    .argument("[pattern]", "hosts and groups; within --limit")
    .option("--script <file>", "read lines from this file")
    .option("--keep-going", "continue after a line that fails")
    .option(
      "--force-args",
      "do not check the arguments before hosts are contacted",
    )
    .option("--no-render", "keep {{ }} in arguments as it is written")
    .addHelpText("after", EXAMPLES)
    .action(
      action(async (pattern: string | undefined, options: ConsoleOptions) => {
        const { handleConsole } = await import("./console_handler.ts");
        return await handleConsole(
          { ...options, ...(pattern && { pattern }) },
          context,
        );
      }),
    );
  addOptions(command, CONSOLE_TABLES);
}

const EXAMPLES = `
Examples:
  ftl console web -i hosts.yml -M modules
  ftl console -i hosts.yml -M modules --script calls.txt
  printf 'ping\\n!uptime\\n' | ftl console web -i hosts.yml -M modules
`;
