// Which subcommands a command line needs: only the named one when that is enough,
// because adding all takes longer.
import type { AddCommand } from "./commands/command.ts";

/** What adds the subcommands that the words of a command line need. */
export async function subcommandsFor(
  [name = ""]: readonly string[],
): Promise<readonly AddCommand[]> {
  if (name === "run") {
    return [(await import("./commands/run/run_command.ts")).addRun];
  }
  if (name === "exec") {
    return [(await import("./commands/exec/exec_command.ts")).addExec];
  }
  const { EVERY_COMMAND, ownCommand } = await import("./every_command.ts");
  return ownCommand(name) ?? EVERY_COMMAND;
}
