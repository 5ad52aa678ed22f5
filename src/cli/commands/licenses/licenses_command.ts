// Declares `ftl licenses`.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";

/** Adds `ftl licenses`. */
export function addLicenses(
  program: Command,
  { context, action }: CommandHost,
) {
  program.command("licenses")
    .summary("print the licenses of everything in the binary")
    .description(
      "Prints the license of ftl, and of each package in this binary with its " +
        "version.",
    )
    .action(action(async () => {
      const { handleLicenses } = await import("./licenses_handler.ts");
      return await handleLicenses(context);
    }));
}
