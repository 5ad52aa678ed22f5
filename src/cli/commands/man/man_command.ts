// Declares `ftl man`.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";

/** Adds `ftl man`. */
export function addMan(program: Command, { context, action }: CommandHost) {
  program.command("man")
    .summary("print the manual page")
    .description(
      "Prints the manual page ftl(1) in the format of man: every command and " +
        "every option in one place.",
    )
    .addHelpText("after", EXAMPLES)
    .action(action(async () => {
      const { handleMan } = await import("./man_handler.ts");
      return await handleMan(program, context);
    }));
}

const EXAMPLES = `
Examples:
  ftl man | man -l -                                read it now
  ftl man > ~/.local/share/man/man1/ftl.1           install it for man ftl
`;
