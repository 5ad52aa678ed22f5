// Declares `ftl jobs` and its subcommands.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import { addOptions, type Row } from "../../options/add_options.ts";
import { secondsOrNever } from "../../options/option_values.ts";
import { CONNECT_ROWS, HOST_ROWS, OUTPUT_ROWS } from "../../options/options.ts";
import type { JobsListOptions, JobsOptions } from "./jobs_handler.ts";

const REMOVE: Row = {
  flags: "--remove",
  help: "remove the job's files on the host after its result was read",
};

/** Adds `ftl jobs` and its subcommands. */
export function addJobs(program: Command, host: CommandHost) {
  const jobs = program.command("jobs")
    .summary("show, wait for and cancel jobs in the background")
    .description(
      "Shows, waits for and cancels the jobs that `ftl run -B` or Ansible has " +
        "started on hosts. A job has the name that -B printed: j and digits, on " +
        "one host with a dot and a process id.",
    )
    .addHelpText("after", EXAMPLES);

  const list = jobs.command("list", { isDefault: true })
    .summary("list jobs")
    .description(
      "Lists the jobs that were started on this machine. With -i or -l it asks " +
        "these hosts, and lists all jobs of the user there, with their states.",
    );
  list.action(host.action(async (options: JobsListOptions) => {
    const { handleJobsList } = await import("./jobs_handler.ts");
    const asks = ["inventory", "limit"]
      .some((name) => list.getOptionValueSource(name) === "cli");
    return await handleJobsList({ ...options, asks }, host.context);
  }));
  addOptions(list, {
    "Hosts:": HOST_ROWS,
    "Connections:": CONNECT_ROWS,
    "Output:": OUTPUT_ROWS,
  });

  const add = (
    mode: "status" | "wait" | "cancel",
    { summary, description, rows }: {
      summary: string;
      description: string;
      rows: readonly Row[];
    },
  ) => {
    const command = jobs.command(mode).summary(summary)
      .description(description);
    if (mode === "cancel") command.argument("<job>", "name of the job");
    else {
      command.argument(
        "[job]",
        "name of the job; default: the last one started",
      );
    }
    command.action(host.action(
      async (job: string | undefined, options: JobsOptions) => {
        const { handleJobs } = await import("./jobs_handler.ts");
        return await handleJobs(mode, job, { options, context: host.context });
      },
    ));
    addOptions(command, {
      ...(rows.length > 0 && { "Jobs:": rows }),
      "Hosts:": HOST_ROWS,
      "Connections:": CONNECT_ROWS,
      "Output:": OUTPUT_ROWS,
    });
  };
  add("status", {
    summary: "show the result of a job, or that it runs",
    description:
      "Shows on each host the result of a job, or that it still runs.",
    rows: [REMOVE],
  });
  add("wait", {
    summary: "wait until a job has ended, and show its result",
    description:
      "Waits until a job has ended on all hosts, and shows its results. Ending " +
      "the wait with ^C does not end the job.",
    rows: [REMOVE, {
      flags: "--timeout <time>",
      help: "wait no longer than this",
      parse: secondsOrNever,
      default: "as long as the job runs",
      variable: "FTL_JOBS_TIMEOUT",
    }],
  });
  add("cancel", {
    summary: "end a job with its processes",
    description:
      "Ends a job with its processes: TERM first, KILL after five seconds.",
    rows: [],
  });
}

const EXAMPLES = `
Examples:
  ftl run apt upgrade=dist -b -B 1h -P 0         start a job on each host
  ftl jobs                                       list the jobs started here
  ftl jobs wait                                  wait for the last of them
  ftl jobs status j719283746501 -i hosts.yml -b  ask from another machine
  ftl jobs list -i hosts.yml -l web -b           list the jobs of hosts
  ftl jobs cancel j719283746501
`;
