// The shape of a subcommand. `NAME_command.ts` declares its words, options and
// help; `NAME_handler.ts` does the work, and is loaded when the command runs.
import type { Command } from "commander";
import type { Context } from "./context.ts";

/** Adds a command to the program. */
export type AddCommand = (program: Command, host: CommandHost) => void;

/** What commands are given. */
export interface CommandHost {
  readonly context: Context;
  /** Wraps an action, so that the number it returns is the exit status. */
  action<A extends unknown[]>(
    run: (...args: A) => Promise<number>,
  ): (...args: A) => Promise<void>;
}
