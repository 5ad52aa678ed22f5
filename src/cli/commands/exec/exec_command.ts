// Declares `ftl exec -- COMMAND…`.
import type { Command } from "commander";
import { addOptions } from "../../options/add_options.ts";
import { type OnHostsOptions, onHostsTables } from "../../options/options.ts";
import type { CommandHost } from "../command.ts";

/** Adds `ftl exec`. */
export function addExec(program: Command, { context, action }: CommandHost) {
  const command = program.command("exec")
    .summary("run a shell command on the chosen hosts")
    .description(
      "Runs a shell command on the chosen hosts, in /bin/sh. Several words are " +
        "joined with spaces, as in ssh. The hosts need no Python.",
    )
    .argument("<command...>", "the command, after --")
    .addHelpText("after", EXAMPLES)
    .action(action(async (words: string[], options: OnHostsOptions) => {
      const { handleExec } = await import("./exec_handler.ts");
      return await handleExec(words, options, context);
    }));
  addOptions(command, onHostsTables());
}

const EXAMPLES = `
Examples:
  ftl exec -i web1,web2, -- uptime
  ftl exec -i hosts.yml -l db -- 'df -h | tail -n +2'
  ftl exec -i hosts.yml -b --become-user postgres -- psql -l
  ftl exec -i hosts.yml --stream -- tail -f /var/log/syslog
`;
