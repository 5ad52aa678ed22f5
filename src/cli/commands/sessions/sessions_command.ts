// Declares `ftl sessions`.
import { type Command, Option } from "commander";
import type { CommandHost } from "../command.ts";
import type { SessionsOptions } from "./sessions_handler.ts";

/** Adds `ftl sessions`. */
export function addSessions(
  program: Command,
  { context, action }: CommandHost,
) {
  program.command("sessions")
    .summary("list the sessions that keep hosts open")
    .description(
      "Lists your sessions on this machine: their hosts, open gates, clients " +
        "and calls, how old and how long idle they are, and their memory.",
    )
    .addOption(
      new Option("--format <name>", "output format (default: text)")
        .choices(["text", "json"]),
    )
    .addHelpText("after", EXAMPLES)
    .action(action(async (options: SessionsOptions) => {
      const { handleSessions } = await import("./sessions_handler.ts");
      return await handleSessions(options, context);
    }));
}

const EXAMPLES = `
Examples:
  ftl sessions                  one line for each
  ftl sessions --format json    with the names of the hosts
`;
