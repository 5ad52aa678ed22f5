// `ftl console`: any number of calls on gates that stay open.
import type { Command } from "commander";
import { runScript } from "../console/script.ts";
import { callOf } from "./call.ts";
import type { Context } from "./context.ts";
import { EXIT, exitCodeOf, UsageError } from "./exit_code.ts";
import { readText } from "./files.ts";
import { makeFleet } from "./fleet.ts";
import { chooseHosts } from "./hosts.ts";
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
import { createRenderers, show } from "./show.ts";

type ConsoleOptions =
  & HostOptions
  & ConnectOptions
  & ModuleOptions
  & CallOptions
  & OutputOptions
  & { script?: string; keepGoing?: boolean; gate?: string };

/** Adds `ftl console`. */
export function addConsole(program: Command, { context, action }: CommandHost) {
  const command = program.command("console")
    .alias("repl")
    .summary("make call after call on gates that stay open")
    .description(
      "Reads one call a line, from a script or a pipe, and runs it on gates " +
        "that stay open: MODULE KEY=VALUE…, !COMMAND for the shell, # comment.",
    )
    .argument("[pattern]", "hosts and groups; the same as --limit")
    .option("--script <file>", "read the lines of this file")
    .option("--keep-going", "go on behind a line that fails")
    .option("--gate <file>", "use this gate, built with `ftl gate build -o`")
    .addHelpText("after", EXAMPLES)
    .action(action((pattern: string | undefined, options: ConsoleOptions) => {
      const limit = pattern ?? options.limit;
      return runConsole({ ...options, ...(limit && { limit }) }, context);
    }));
  addOptions(command, {
    "Hosts:": HOST_ROWS,
    "Modules:": MODULE_ROWS,
    "Calls:": CALL_ROWS,
    "Connections:": CONNECT_ROWS,
    "Output:": OUTPUT_ROWS,
  });
}

async function runConsole(
  options: ConsoleOptions,
  context: Context,
): Promise<number> {
  if (options.script === undefined && context.isTerminal.in) {
    throw new UsageError("Cannot read calls from a terminal yet", {
      hint: "Give a script, ftl console --script FILE, or pipe the lines in",
    });
  }
  const hosts = await chooseHosts(options, context);
  if (options.listHosts) {
    context.out(hosts.map(({ name }) => name + "\n").join(""));
    return EXIT.ok;
  }
  createRenderers(options, context); // says what is wrong before the first call
  const lines = options.script === undefined
    ? context.inputLines()
    : linesOf(await readText(options.script, context));
  await using fleet = await makeFleet(hosts, options, context);
  const summary = await runScript(lines, fleet, {
    name: options.script ?? "stdin",
    call: callOf(options),
    keepGoing: options.keepGoing ?? false,
    keepInvocation: (options.verbose ?? 0) >= 3,
    readText: (path) => readText(path, context),
    show: (events) => show(events, createRenderers(options, context)),
    signal: context.signal,
  });
  return context.signal.aborted ? EXIT.interrupted : exitCodeOf(summary);
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split("\n");
}

const EXAMPLES = `
Examples:
  ftl console -i hosts.yml -M modules --script calls.txt
  printf 'ping\\n!uptime\\n' | ftl console web -i hosts.yml -M modules
`;
