// `ftl run MODULE`: one module on the chosen hosts.
import { type Command, Option } from "commander";
import { parseArguments, parseArgumentText } from "../core/arguments.ts";
import { callOf } from "./call.ts";
import { runOnHosts } from "./run_on_hosts.ts";
import { UsageError } from "./exit_code.ts";
import { readText } from "./files.ts";
import {
  addOptions,
  CALL_ROWS,
  type CallOptions,
  CONNECT_ROWS,
  type ConnectOptions,
  HOST_ROWS,
  type HostOptions,
  MODULE_ROWS,
  type ModuleOptions,
  OUTPUT_ROWS,
  type OutputOptions,
} from "./options.ts";
import type { CommandHost } from "./command.ts";

/** All that `ftl run` may be told. */
export type RunOptions =
  & HostOptions
  & ConnectOptions
  & ModuleOptions
  & CallOptions
  & OutputOptions
  & {
    module?: string;
    ftlModule?: string;
    args?: string;
    gate?: string;
    debug?: boolean;
  };

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
    .option("--gate <file>", "use this gate, built with `ftl gate build -o`")
    .addOption(new Option("--debug", "the same as -vvv").hideHelp())
    .addHelpText("after", EXAMPLES)
    .action(action(async (
      named: string | undefined,
      words: string[],
      options: RunOptions,
    ) => {
      const name = options.module ?? options.ftlModule;
      if (name !== undefined && named !== undefined) words = [named, ...words];
      const module = name ?? named;
      if (module === undefined) {
        throw new UsageError("Cannot run: no module is named", {
          hint: "For example: ftl run ping -i web1, -M modules",
        });
      }
      const reading = {
        module,
        readText: (path: string) => readText(path, context),
      };
      const first = await parseArgumentText(options.args ?? "", reading);
      const second = await parseArguments(words, reading);
      const call = {
        ...callOf(options),
        module,
        args: { ...first.args, ...second.args },
        secrets: [...first.secrets, ...second.secrets],
        native: options.ftlModule !== undefined,
      };
      return await runOnHosts(call, options, context);
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
  ftl run setup -i hosts.yml --format json > facts.json
`;
