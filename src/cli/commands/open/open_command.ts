// Declares `ftl open [PATTERN]`.
import type { Command } from "commander";
import { addOptions } from "../../options/add_options.ts";
import {
  CALL_ROWS,
  CONNECT_ROWS,
  HOST_ROWS,
  MODULE_ROWS,
  OUTPUT_ROWS,
} from "../../options/options.ts";
import type { CommandHost } from "../command.ts";
import type { OpenCommandOptions } from "./open_handler.ts";

/** Adds `ftl open`. */
export function addOpen(program: Command, { context, action }: CommandHost) {
  const command = program.command("open")
    .summary("open hosts in the background, for later commands")
    .description(
      "Opens the chosen hosts and their gates in a session: a background " +
        "process of your own. Later commands use it by themselves for hosts " +
        "that they would reach in the same way, and take one round trip. The " +
        "session ends when it was not used for --keep, or with `ftl close`.",
    )
    .argument("[pattern]", "hosts and groups, as for --limit")
    .option("--name <name>", "name of the session (default: default)")
    .option("--gate <file>", "use this gate, built with `ftl gate build -o`")
    .addHelpText("after", EXAMPLES)
    .action(
      action(
        async (pattern: string | undefined, options: OpenCommandOptions) => {
          const { handleOpen } = await import("./open_handler.ts");
          return await handleOpen(pattern, options, context);
        },
      ),
    );
  addOptions(command, {
    "Hosts:": HOST_ROWS,
    "Modules:": MODULE_ROWS,
    "Calls:": CALL_ROWS.filter(({ flags }) =>
      /^(?:--timeout|--confirm|-y|--list-hosts)/.test(flags)
    ),
    "Connections:": CONNECT_ROWS,
    "Output:": OUTPUT_ROWS,
  });
}

const EXAMPLES = `
Examples:
  ftl open -i hosts.yml web                 open the hosts of web
  ftl run ping -i hosts.yml -l web          a call on them takes one round trip
  ftl open -i hosts.yml --keep 1h -b -K     ask for the password once
  ftl sessions                              list what is open
  ftl close                                 end all sessions
`;
