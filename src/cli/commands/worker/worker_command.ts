// Declares `ftl worker`.
import { type Command, Option } from "commander";
import { addOptions } from "../../options/add_options.ts";
import { NATS_READ_ROWS } from "../../options/nats_rows.ts";
import { CONNECT_ROWS } from "../../options/options.ts";
import type { CommandHost } from "../command.ts";
import type { WorkerCommandOptions } from "./worker_handler.ts";

/** What a worker decides about connections; the rest is the senders'. */
const OWN_ROWS = CONNECT_ROWS.filter(({ flags }) =>
  /^--(?:private-key|known-hosts|host-keys|ssh-config|connect-timeout|fanout)/
    .test(flags)
);

/** Adds `ftl worker`. */
export function addWorker(program: Command, { context, action }: CommandHost) {
  const command = program.command("worker")
    .summary("make calls near the hosts that others send over NATS")
    .description(
      "Takes calls from a NATS server with JetStream, and makes them on hosts " +
        "that this machine reaches, with its own keys, ssh_config and known " +
        "hosts. Others send them with --nats: ftl run, exec, push, fetch.",
    )
    .option("--site <name>", "take the calls for hosts with this ftl_site, too")
    .option(
      "--allow <file>",
      "make calls that keys in this file signed, or those of any sender that " +
        "NATS lets in: any (default: ~/.ftl/allowed_senders)",
    )
    .option("--name <name>", "the worker's name (default: this machine's)")
    .option("--list", "list the workers that are there, or those of --site")
    .option("--show-key", "print the key that secrets are sealed for")
    .addOption(
      new Option("--format <name>", "output format of --list (default: text)")
        .choices(["text", "json"]),
    )
    .addHelpText("after", EXAMPLES)
    .action(action(async (options: WorkerCommandOptions) => {
      const { handleWorker } = await import("./worker_handler.ts");
      return await handleWorker(options, context);
    }));
  addOptions(command, {
    "Workers:": NATS_READ_ROWS,
    "Connections:": OWN_ROWS,
  });
}

const EXAMPLES = `
Examples:
  ftl worker --nats nats://hub:4222 --site paris --allow senders
  ftl worker --list --nats nats://hub:4222
  ftl worker --show-key >> known_workers
  ftl run ping -i hosts.yml --nats nats://hub:4222
`;
