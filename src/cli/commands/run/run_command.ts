// `ftl run MODULE`: one module on the chosen hosts.
import { type Command, Option } from "commander";
import { addOptions } from "../../options/add_options.ts";
import {
  CALL_ROWS,
  CONNECT_ROWS,
  HOST_ROWS,
  MODULE_ROWS,
  OUTPUT_ROWS,
} from "../../options/options.ts";
import type { RunCommandOptions } from "./run_handler.ts";
import type { CommandHost } from "../command.ts";

/** Adds `ftl run`. */
export function addRun(program: Command, { context, action }: CommandHost) {
  const command = program.command("run")
    .summary("run one module on the chosen hosts")
    .description("Runs one module on the chosen hosts.")
    .argument("[module]", "name or file of the module")
    .argument("[arguments...]", "KEY=VALUE, KEY:=JSON, KEY:secret=@FILE, @FILE")
    .option(
      "-a, --args <text>",
      "arguments: 'k=v k2=\"v 2\"', or a JSON object",
    )
    .option("-m, --module <name>", "the module, as an option")
    .option(
      "-f, --ftl-module <name>",
      "the module, and that it is a native one",
    )
    .option(
      "--force-module",
      "run the module itself where Ansible runs an action on its controller",
    )
    .option("--fresh", "run it in an interpreter of its own, not in a warm one")
    .option("--gate <file>", "use this gate, built with `ftl gate build -o`")
    .addOption(new Option("--debug", "the same as -vvv").hideHelp())
    .addHelpText("after", EXAMPLES)
    .action(action(async (
      named: string | undefined,
      words: string[],
      options: RunCommandOptions,
    ) => {
      const { handleRun } = await import("./run_handler.ts");
      return await handleRun(named, words, { options, context });
    }));
  addOptions(command, {
    "Hosts:": HOST_ROWS,
    "Modules:": MODULE_ROWS,
    "The call:": CALL_ROWS,
    "Connections:": CONNECT_ROWS,
    "Output:": OUTPUT_ROWS,
  });
}

const EXAMPLES = `
Examples:
  ftl run ping -i web1,web2, -M modules
  ftl run copy -i hosts.yml -l 'web:!web3' src=motd dest=/etc/motd mode=0644
  ftl run user -i hosts.yml name=app password:secret=@password.txt
  ftl run service -i hosts.yml name=nginx state=restarted -b -K
  ftl run setup -i hosts.yml --format json > facts.json
`;
