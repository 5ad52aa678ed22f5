// `ftl inventory`: what the inventory holds, without contacting a host.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import type { InventoryOutputOptions } from "./inventory_handler.ts";
import type { InventoryExplainOptions } from "./explain_handler.ts";
import { addOptions, type Row } from "../../options/add_options.ts";
import {
  CONNECT_ROWS,
  HOST_ROWS,
  type HostOptions,
  INVENTORY_ROWS,
} from "../../options/options.ts";

const FORMAT: Row = {
  flags: "--format <name>",
  help: "text, or hosts with groups and variables as JSON",
  choices: ["text", "json"],
  default: "text",
};

/** Adds `ftl inventory` and what is below it. */
export function addInventory(
  program: Command,
  { context, action }: CommandHost,
) {
  const inventory = program.command("inventory")
    .summary("show what the inventory holds")
    .description("Shows what the inventory holds. Contacts no host.");
  const list = inventory.command("list")
    .summary("list the hosts that are meant")
    .description("Lists the hosts that are meant, in the inventory's order.")
    .argument("[pattern]", "hosts and groups; the same as --limit")
    .action(action(async (
      pattern: string | undefined,
      options: InventoryOutputOptions,
    ) => {
      const { handleInventoryList } = await import("./inventory_handler.ts");
      const limit = pattern ?? options.limit;
      return await handleInventoryList(
        { ...options, ...(limit && { limit }) },
        context,
      );
    }));
  addOptions(list, { "Hosts:": HOST_ROWS, "Output:": [FORMAT] });

  const graph = inventory.command("graph")
    .summary("draw the tree of groups")
    .description("Draws the tree of groups, with the hosts named in each.")
    .argument("[group]", "where to begin", "all")
    .action(action(async (group: string, options: HostOptions) => {
      const { handleInventoryGraph } = await import("./inventory_handler.ts");
      return await handleInventoryGraph(group, options, context);
    }));
  addOptions(graph, { "Hosts:": INVENTORY_ROWS });

  const show = inventory.command("show")
    .summary("show a host's variables, and where each was set")
    .description("Shows a host's groups and variables, and where each was set.")
    .argument("<host>", "its name in the inventory")
    .action(action(async (name: string, options: InventoryOutputOptions) => {
      const { handleInventoryShow } = await import("./inventory_handler.ts");
      return await handleInventoryShow(name, options, context);
    }));
  addOptions(show, { "Hosts:": INVENTORY_ROWS, "Output:": [FORMAT] });

  const explain = inventory.command("explain")
    .summary("say how a host would be reached, and who says so")
    .description(
      "Says how a host would be reached: the hosts on the way, and every " +
        "setting with where it comes from. Contacts no host.",
    )
    .argument("<host>", "its name in the inventory")
    .addHelpText("after", EXAMPLES)
    .action(
      action(
        async (
          name: string,
          options: InventoryExplainOptions,
          own: Command,
        ) => {
          const { handleInventoryExplain } = await import(
            "./explain_handler.ts"
          );
          const sourceOf = (name: string) => own.getOptionValueSource(name);
          return await handleInventoryExplain(name, {
            options,
            context,
            sourceOf,
          });
        },
      ),
    );
  addOptions(explain, {
    "Hosts:": HOST_ROWS.filter(({ flags }) => !flags.startsWith("-l")),
    "Connections:": CONNECT_ROWS,
    "Output:": [FORMAT],
  });
}

const EXAMPLES = `
Examples:
  ftl inventory explain web1 -i hosts.yml
  ftl inventory explain web1 -i hosts.yml -u root --host-keys accept-new
  ftl inventory explain web1 -i hosts.yml --format json
`;
