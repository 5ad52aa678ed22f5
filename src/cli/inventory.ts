// `ftl inventory`: what the inventory holds, without contacting a host.
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { addOptions, HOST_ROWS, type HostOptions } from "./options.ts";
import type { CommandHost } from "./command.ts";

type ListOptions = HostOptions & { format?: "text" | "json" };

/** Adds `ftl inventory` and what is below it. */
export function addInventory(program: Command, host: CommandHost) {
  const inventory = program.command("inventory")
    .summary("show what the inventory holds")
    .description("Shows what the inventory holds. Contacts no host.");
  const list = inventory.command("list")
    .summary("list the hosts that are meant")
    .description(
      "Lists the hosts that are meant, in the order of the inventory.",
    )
    .argument("[pattern]", "hosts and groups; the same as --limit")
    .action(
      host.action(async (pattern: string | undefined, options: ListOptions) => {
        const limit = pattern ?? options.limit;
        return await listHosts(
          { ...options, ...(limit && { limit }) },
          host.context,
        );
      }),
    );
  addOptions(list, {
    "Hosts:": HOST_ROWS,
    "Output:": [{
      flags: "--format <name>",
      help: "a name a line, or hosts with groups and variables",
      choices: ["text", "json"],
      default: "text",
    }],
  });
}

/** Prints the hosts that the options mean. */
export async function listHosts(
  options: ListOptions,
  context: Context,
): Promise<number> {
  const { chooseHosts } = await import("./hosts.ts");
  const hosts = await chooseHosts(options, context);
  if (options.format === "json") {
    context.out(JSON.stringify(hosts, null, 2) + "\n");
  } else {
    context.out(hosts.map(({ name }) => name + "\n").join(""));
  }
  return EXIT.ok;
}
