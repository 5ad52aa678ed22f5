// Declares `ftl config`.
import type { Command } from "commander";
import { addOptions } from "../../options/add_options.ts";
import { SETTING_TABLES } from "../../options/option_tables.ts";
import type { CommandHost } from "../command.ts";

/** Adds `ftl config`. */
export function addConfig(program: Command, { context, action }: CommandHost) {
  const command = program.command("config")
    .summary("show the settings and where they come from")
    .description(
      "Shows every option that has a value, the value, and where it comes " +
        "from: the command line, an environment variable, a line of the file " +
        "of settings, or the default. The file is ftl.yml in the current " +
        "folder, else ~/.config/ftl/ftl.yml; FTL_CONFIG names another one. It " +
        "holds names of long options and their values. The command line " +
        "overrides the environment, and the environment overrides the file. " +
        "Options that may be repeated are added to those of the file, except " +
        "--inventory and --known-hosts. --no-NAME turns off a flag that the " +
        "file turns on.",
    )
    .addHelpText("after", EXAMPLES)
    .action(action(async () => {
      const { handleConfig } = await import("./config_handler.ts");
      return handleConfig(command, context);
    }));
  addOptions(command, SETTING_TABLES);
}

const EXAMPLES = `
A file ftl.yml:
  inventory: hosts.yml
  module-dir: [modules, ansible_core-2.17.0-py3-none-any.whl]
  become: true
  connect-timeout: 5

Examples:
  ftl config                      show what holds in this folder
  ftl config --format json        the same for a program
  FTL_CONFIG= ftl run ping        run without any file of settings
`;
