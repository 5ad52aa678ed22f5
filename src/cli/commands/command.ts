// The shape of a subcommand. `NAME_command.ts` declares its name, arguments,
// options and help; `NAME_handler.ts` does the work, and is loaded when the
// command runs.
import type { Command } from "commander";
import type { Context } from "./context.ts";

/** Adds a subcommand to the program. */
export type AddCommand = (program: Command, host: CommandHost) => void;

/** What subcommands get from the program. */
export interface CommandHost {
  readonly context: Context;
  /** The words of the command line. Default: none. */
  readonly argv?: readonly string[];
  /** Shows the text of help. Default: `context.out`. */
  readonly showHelp?: (text: string) => void;
  /** Wraps an action: the number that it resolves to is the exit status. */
  action<A extends unknown[]>(
    run: (...args: A) => Promise<number>,
  ): (...args: A) => Promise<void>;
}
