// Declares `ftl run MODULE`.
import { type Command, Option } from "commander";
import { addOptions } from "../../options/add_options.ts";
import { RUN_TABLES } from "../../options/option_tables.ts";
import type { RunCommandOptions } from "./run_handler.ts";
import type { CommandHost } from "../command.ts";

/** Adds `ftl run`. */
export function addRun(program: Command, { context, action }: CommandHost) {
  const command = program.command("run")
    .summary("run a module on the chosen hosts")
    .description(
      "Runs a module on the chosen hosts. No module is built in: -M names the " +
        "folders of modules, such as ansible/modules of an installed or " +
        "unpacked ansible-core, or your own.",
    )
    .argument("[module]", "name or file of the module")
    .argument(
      "[arguments...]",
      "KEY=VALUE, KEY:=JSON, KEY:raw=VALUE, KEY:secret=@FILE, @FILE",
    )
    .option(
      "-a, --args <text>",
      "arguments as text, 'k=v k2=\"v 2\"', or as a JSON object",
    )
    .option("-m, --module <name>", "name or file of the module, as an option")
    .option(
      "-f, --ftl-module <name>",
      "name or file of a native module",
    )
    .option(
      "--force-module",
      "run the module itself even if Ansible has an action of that name",
    )
    .option(
      "--force-args",
      "do not check the arguments before hosts are contacted",
    )
    .option("--no-render", "keep {{ }} in arguments as it is written")
    .option("--fresh", "run in a new interpreter, not in the gate's")
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
  addOptions(command, RUN_TABLES);
}

const EXAMPLES = `
Examples:
  ftl run ping -i web1,web2, -M modules
  ftl run copy -i hosts.yml -l 'web:!web3' src=motd dest=/etc/motd mode=0644
  ftl run user -i hosts.yml name=app password:secret=@password.txt
  ftl run service -i hosts.yml name=nginx state=restarted -b -K
  ftl run setup -i hosts.yml --format json > facts.json
  ftl run apt -i hosts.yml upgrade=dist -b -B 1h -P 0     leave it running
`;
