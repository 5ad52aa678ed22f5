// `ftl console`: any number of calls on gates that stay open.
import type { Command } from "commander";
import { GateBook } from "../console/gate_book.ts";
import { Performer } from "../console/performer.ts";
import { linesOf, takeLines } from "../console/script.ts";
import { callOf } from "./call.ts";
import type { Context } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import { readText, writeNewText } from "./files.ts";
import { makeFleet } from "./fleet.ts";
import { readHosts } from "./hosts.ts";
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
  const { inventory, hosts } = await readHosts(options, context);
  if (options.listHosts) {
    context.out(hosts.map(({ name }) => name + "\n").join(""));
    return EXIT.ok;
  }
  createRenderers(options, context); // says what is wrong before the first call
  await using fleet = await makeFleet(hosts, options, context);
  const { env = {}, noLog = false, ...settings } = callOf(options);
  const performer = new Performer({
    inventory,
    fleet,
    gates: new GateBook(fleet),
    session: {
      pattern: options.limit ?? "all",
      hosts: hosts.map(({ name }) => name),
      settings: {
        ...settings,
        format: options.format ?? "text",
        ...(options.columns && { columns: options.columns }),
        fanout: fleet.fanout,
      },
    },
    call: { env, noLog },
    keepInvocation: (options.verbose ?? 0) >= 3,
    opensAhead: false,
    readText: (path) => readText(path, context),
    writeNew: (path, text) => writeNewText(path, text),
    say: (text) => context.out(text),
    show: (events, { settings: { format, columns }, whole }) => {
      const { columns: _, ...rest } = options;
      const verbose = (options.verbose ?? 0) + (whole ? 1 : 0);
      return show(
        events,
        createRenderers(
          {
            ...rest,
            format,
            verbose,
            ...(columns && { columns: [...columns] }),
          },
          context,
        ),
      );
    },
    documentation: () => Promise.resolve(""),
  });
  const name = options.script ?? "stdin";
  const { summary } = await takeLines(
    options.script === undefined
      ? context.inputLines()
      : linesOf(await readText(options.script, context)),
    {
      name,
      keepGoing: options.keepGoing ?? false,
      signal: context.signal,
      take: (line) => performer.take(line, context.signal),
    },
  );
  if (context.signal.aborted) return EXIT.interrupted;
  return summary ? exitCodeOf(summary) : EXIT.ok;
}

const EXAMPLES = `
Examples:
  ftl console -i hosts.yml -M modules --script calls.txt
  printf 'ping\\n!uptime\\n' | ftl console web -i hosts.yml -M modules
`;
