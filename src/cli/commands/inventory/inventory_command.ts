// Declares `ftl inventory` and its subcommands. None of them contacts a host.
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
  help: "output format",
  choices: ["text", "json"],
  default: "text",
};

/** Adds `ftl inventory` and its subcommands. */
export function addInventory(
  program: Command,
  { context, action }: CommandHost,
) {
  const inventory = program.command("inventory")
    .summary("show hosts, groups and variables")
    .description(
      "Shows hosts, groups and variables of the inventory. Contacts no host.",
    );
  const list = inventory.command("list")
    .summary("list the chosen hosts")
    .description("Lists the chosen hosts, in the order of the inventory.")
    .argument("[pattern]", "hosts and groups; within --limit")
    .action(action(async (
      pattern: string | undefined,
      options: InventoryOutputOptions,
    ) => {
      const { handleInventoryList } = await import("./inventory_handler.ts");
      return await handleInventoryList(
        { ...options, ...(pattern && { pattern }) },
        context,
      );
    }));
  addOptions(list, {
    "Hosts:": HOST_ROWS,
    "Output:": [{
      ...FORMAT,
      help: "output format; json includes groups and variables",
    }],
  });

  const graph = inventory.command("graph")
    .summary("draw the tree of groups")
    .description("Draws the tree of groups, with the hosts in each.")
    .argument("[group]", "the group to start at", "all")
    .action(action(async (group: string, options: HostOptions) => {
      const { handleInventoryGraph } = await import("./inventory_handler.ts");
      return await handleInventoryGraph(group, options, context);
    }));
  addOptions(graph, { "Hosts:": INVENTORY_ROWS });

  const show = inventory.command("show")
    .summary("show a host's variables, and where each was set")
    .description("Shows a host's groups and variables, and where each was set.")
    .argument("<host>", "name of the host in the inventory")
    .action(action(async (name: string, options: InventoryOutputOptions) => {
      const { handleInventoryShow } = await import("./inventory_handler.ts");
      return await handleInventoryShow(name, options, context);
    }));
  addOptions(show, { "Hosts:": INVENTORY_ROWS, "Output:": [FORMAT] });

  const explain = inventory.command("explain")
    .summary("explain how a host is reached, and why")
    .description(
      "Explains how a host is reached: the bastions on the way, and every " +
        "setting with its origin. Contacts no host.",
    )
    .argument("<host>", "name of the host in the inventory")
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
