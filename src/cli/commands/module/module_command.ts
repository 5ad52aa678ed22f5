// Declares `ftl module` and its subcommands.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import type { ModuleCommandOptions } from "./module_handler.ts";
import { addOptions, type Row } from "../../options/add_options.ts";
import { MODULE_ROWS } from "../../options/options.ts";

const JSON_ROW: Row = { flags: "--json", help: "print JSON" };
const PLAIN_ROW: Row = { flags: "--plain", help: "use no pager" };
const COLOR_ROW: Row = {
  flags: "--color <when>",
  help: "when to color text",
  choices: ["auto", "always", "never"],
  default: "auto",
};

/** Adds `ftl module` and its subcommands. */
export function addModule(program: Command, { context, action }: CommandHost) {
  const module = program.command("module")
    .summary("list modules, and show their documentation")
    .description(
      "Lists modules, and shows their documentation. Runs no module, and " +
        "contacts no host.",
    )
    .addHelpText("after", EXAMPLES);

  const list = module.command("list")
    .summary("list the modules in folders and collections")
    .description(
      "Lists the modules in folders and collections, with their purpose.",
    )
    .argument(
      "[words...]",
      "only modules whose name or purpose contains all of these",
    )
    .action(action(async (words: string[], options: ModuleCommandOptions) => {
      const { handleModuleList } = await import("./module_handler.ts");
      return await handleModuleList(words, options, context);
    }));
  addOptions(list, { "Modules:": MODULE_ROWS, "Output:": [JSON_ROW] });

  const doc = module.command("doc")
    .summary("show what a module does, takes and returns")
    .description(
      "Shows what a module does, takes and returns, from its own " +
        "documentation or signature.",
    )
    .argument("<module>", "name or file of the module")
    .action(action(async (name: string, options: ModuleCommandOptions) => {
      const { handleModuleDoc } = await import("./module_handler.ts");
      return await handleModuleDoc(name, options, context);
    }));
  addOptions(doc, {
    "Modules:": MODULE_ROWS,
    "Output:": [JSON_ROW, PLAIN_ROW, COLOR_ROW],
  });
}

const EXAMPLES = `
Examples:
  ftl module list -M modules
  ftl module list --collections-path collections mysql user
  ftl module doc -M modules service
`;
