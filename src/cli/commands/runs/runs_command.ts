// Declares `ftl runs` and its subcommands.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import { addOptions } from "../../options/add_options.ts";
import {
  KNOWN_ROW,
  NATS_READ_ROWS,
  SIGN_ROW,
} from "../../options/nats_rows.ts";
import type { RunsCancelOptions } from "./cancel_handler.ts";
import type { RunsFollowOptions } from "./follow_handler.ts";
import { OUTPUT_ROWS } from "../../options/options.ts";
import type { MergeOptions } from "./merge_handler.ts";
import type {
  ListOptions,
  RunsReportOptions,
  RunsShowOptions,
} from "./runs_handler.ts";

/** Adds `ftl runs` and its subcommands. */
export function addRuns(program: Command, { context, action }: CommandHost) {
  const runs = program.command("runs")
    .summary("show earlier runs and how they ended")
    .description(
      "Shows earlier runs and how they ended. Each run leaves a record of the " +
        "call, hosts and statuses in ~/.ftl; with --record also of results. " +
        "Secrets are masked; a command that may hold one is not recorded.",
    )
    .addHelpText("after", EXAMPLES);

  const list = runs.command("list")
    .summary("list the recorded runs")
    .description("Lists the recorded runs, newest first.")
    .action(action(async (options: ListOptions) => {
      const { handleRunsList } = await import("./runs_handler.ts");
      return await handleRunsList(options, context);
    }));
  addOptions(list, {
    "Output:": [{
      flags: "--format <name>",
      help: "output format",
      choices: ["text", "json"],
      default: "text",
    }],
  });

  const show = runs.command("show")
    .summary("show how a run ended on its hosts")
    .description(
      "Shows how a run ended on its hosts, with its results if they were kept.",
    )
    .argument("[run]", "a prefix of its id; default: the last run")
    .option("--last", "the last run, which is the default too")
    .action(action(async (id: string | undefined, options: RunsShowOptions) => {
      const { handleRunsShow } = await import("./runs_handler.ts");
      return await handleRunsShow(id, options, context);
    }));
  addOptions(show, { "Output:": OUTPUT_ROWS });

  const merge = runs.command("merge")
    .summary("merge the results of --shard into one run")
    .description(
      "Merges the results of --shard from several machines into one run, with " +
        "one document, one summary and one exit status.",
    )
    .argument("<files...>", "files that --format json or ndjson wrote")
    .option("--partial", "merge them although other parts are missing")
    .action(action(async (files: string[], options: MergeOptions) => {
      const { handleRunsMerge } = await import("./merge_handler.ts");
      return await handleRunsMerge(files, options, context);
    }));
  addOptions(merge, { "Output:": OUTPUT_ROWS });

  const follow = runs.command("follow")
    .summary("follow a run that workers make over NATS")
    .description(
      "Shows a run that workers make over NATS, from its start, until every " +
        "host has a result: in a second terminal, or later. Ending it does not " +
        "end the run.",
    )
    .argument(
      "<run>",
      "a prefix of its id, which --detach and --format ndjson print",
    )
    .action(action(async (run: string, options: RunsFollowOptions) => {
      const { handleRunsFollow } = await import("./follow_handler.ts");
      return await handleRunsFollow(run, options, context);
    }));
  addOptions(follow, {
    "Workers:": [...NATS_READ_ROWS, KNOWN_ROW],
    "Output:": OUTPUT_ROWS,
  });

  const cancel = runs.command("cancel")
    .summary("cancel a run that workers make over NATS")
    .description(
      "Cancels a run that workers make over NATS, such as one that was sent " +
        "with --detach, and shows how it ended. It must be signed with the key " +
        "that signed the run.",
    )
    .argument(
      "<run>",
      "a prefix of its id, which --detach and --format ndjson print",
    )
    .action(
      action(async (run: string, options: RunsCancelOptions) => {
        const { handleRunsCancel } = await import("./cancel_handler.ts");
        return await handleRunsCancel(run, options, context);
      }),
    );
  addOptions(cancel, {
    "Workers:": [...NATS_READ_ROWS, SIGN_ROW, KNOWN_ROW],
    "Output:": OUTPUT_ROWS,
  });

  const report = runs.command("report")
    .summary("write an HTML page about a run")
    .description(
      "Writes one HTML page about a run whose results were kept. The page " +
        "loads nothing else, so it can be mailed and opened anywhere.",
    )
    .argument("[run]", "a prefix of its id; default: the last run")
    .option("--last", "the last run, which is the default too")
    .action(
      action(async (id: string | undefined, options: RunsReportOptions) => {
        const { handleRunsReport } = await import("./runs_handler.ts");
        return await handleRunsReport(id, options, context);
      }),
    );
  addOptions(report, {
    "Output:": [{
      flags: "-o, --output <file>",
      help: "write to this file (default: ftl-RUN.html)",
      variable: "FTL_REPORT_OUTPUT",
    }],
  });
}

const EXAMPLES = `
Examples:
  ftl runs list
  ftl runs show                             show the last run
  ftl runs report -o run.html               write a report of the last run
  ftl run service name=nginx state=started --record
  ftl run ping -l @last:failed              run again on the hosts that failed
  ftl run ping -l @3fa85f64:failed          the same for the run with this id
`;
