// `ftl exec -- COMMAND…`: a shell command on the chosen hosts.
import type { Command } from "commander";
import { callOf } from "../../input/call_options.ts";
import { addOptions } from "../../options/add_options.ts";
import { type OnHostsOptions, onHostsTables } from "../../options/options.ts";
import type { CommandHost } from "../command.ts";

/** Adds `ftl exec`. */
export function addExec(program: Command, { context, action }: CommandHost) {
  const command = program.command("exec")
    .summary("run a shell command on the chosen hosts")
    .description(
      "Runs a shell command on the chosen hosts, in /bin/sh. Several words are " +
        "joined by spaces, as ssh does. The hosts need no Python.",
    )
    .argument("<command...>", "the command, after --")
    .addHelpText("after", EXAMPLES)
    .action(action(async (words: string[], options: OnHostsOptions) => {
      const call = {
        ...callOf(options),
        command: words,
      };
      const { runOnHosts } = await import("../../display/run_on_hosts.ts");
      return await runOnHosts(call, options, context);
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
