// Declares `ftl exec -- COMMAND…`.
import type { Command } from "commander";
import { addOptions } from "../../options/add_options.ts";
import { onHostsTables } from "../../options/option_tables.ts";
import type { CommandHost } from "../command.ts";
import type { ExecCommandOptions } from "./exec_handler.ts";

/** Adds `ftl exec`. */
export function addExec(
  program: Command,
  { context, argv = [], action }: CommandHost,
) {
  const command = program.command("exec")
    .summary("run a shell command on the chosen hosts")
    .description(
      "Runs a shell command on the chosen hosts, in /bin/sh. Several words are " +
        "joined with spaces, as in ssh. The hosts need no Python. Standard " +
        "input that is not a terminal reaches the command on every host.",
    )
    .argument("[command...]", "the command, after --")
    .option(
      "--script <file>",
      "run this file of this machine, with the words as its arguments",
    )
    .addHelpText("after", EXAMPLES)
    .action(
      action(async (words: string[], options: ExecCommandOptions) => {
        const { handleExec } = await import("./exec_handler.ts");
        const mark = argv.indexOf("--");
        const after = mark < 0 ? 0 : argv.length - mark - 1;
        const isMarked = mark >= 0;
        const stray = isMarked ? words.slice(0, words.length - after) : [];
        return await handleExec(words, { isMarked, stray, options, context });
      }),
    );
  addOptions(command, onHostsTables());
}

const EXAMPLES = `
Examples:
  ftl exec -i web1,web2, -- uptime
  ftl exec -i hosts.yml -l db -- 'df -h | tail -n +2'
  ftl exec -i hosts.yml -b --become-user postgres -- psql -l
  ftl exec -i hosts.yml --stream -- tail -f /var/log/syslog
  ftl exec -i hosts.yml --script setup.sh -- --force
  tar c site | ftl exec -i hosts.yml -- tar x -C /srv
`;
