// Declares `ftl demo`.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import type { DemoOptions } from "./demo_handler.ts";
import { addOptions } from "../../options/add_options.ts";
import { wholeNumber } from "../../options/option_values.ts";
import { OUTPUT_ROWS } from "../../options/options.ts";

/** Adds `ftl demo`. */
export function addDemo(program: Command, { context, action }: CommandHost) {
  const command = program.command("demo")
    .summary("try ftl on hosts inside this process")
    .description(
      "Starts SSH hosts in this process, builds a gate, opens it on all of " +
        "them, and runs modules. Needs python3. Removes everything it made.",
    )
    .action(action(async (options: DemoOptions) => {
      const { handleDemo } = await import("./demo_handler.ts");
      return await handleDemo(options, context);
    }));
  addOptions(command, {
    "The fleet:": [{
      flags: "--hosts <number>",
      help: "number of hosts",
      parse: wholeNumber,
      default: "12",
    }],
    "Output:": OUTPUT_ROWS,
  });
}
