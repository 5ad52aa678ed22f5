// Declares `ftl close [NAME]`.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";

/** Adds `ftl close`. */
export function addClose(program: Command, { context, action }: CommandHost) {
  program.command("close")
    .summary("end sessions, and close the hosts that they keep open")
    .description(
      "Ends a session, or all of them: their gates and connections are closed, " +
        "and nothing of them stays here or on the hosts. Calls that run in " +
        "them are ended.",
    )
    .argument("[name]", "name of the session (default: all)")
    .addHelpText("after", EXAMPLES)
    .action(action(async (name: string | undefined) => {
      const { handleClose } = await import("./close_handler.ts");
      return await handleClose(name, context);
    }));
}

const EXAMPLES = `
Examples:
  ftl close              end all sessions
  ftl close default      end this one
`;
