// All subcommands. Each adds itself from a file of its own.
import type { AddCommand } from "./commands/command.ts";
import { addClose } from "./commands/close/close_command.ts";
import { addCompletions } from "./commands/completions/completions_command.ts";
import { addConfig } from "./commands/config/config_command.ts";
import { addConsole } from "./commands/console/console_command.ts";
import { addDemo } from "./commands/demo/demo_command.ts";
import { addDoctor } from "./commands/doctor/doctor_command.ts";
import { addExec } from "./commands/exec/exec_command.ts";
import { addFetch } from "./commands/fetch/fetch_command.ts";
import { addGate } from "./commands/gate/gate_command.ts";
import { addInventory } from "./commands/inventory/inventory_command.ts";
import { addJobs } from "./commands/jobs/jobs_command.ts";
import { addLicenses } from "./commands/licenses/licenses_command.ts";
import { addMan } from "./commands/man/man_command.ts";
import { addModule } from "./commands/module/module_command.ts";
import { addOpen } from "./commands/open/open_command.ts";
import { addPush } from "./commands/push/push_command.ts";
import { addRun } from "./commands/run/run_command.ts";
import { addRuns } from "./commands/runs/runs_command.ts";
import { addSessions } from "./commands/sessions/sessions_command.ts";
import { addWorker } from "./commands/worker/worker_command.ts";

/** The subcommands by name and alias, in the order of the help. */
const COMMANDS: Readonly<Record<string, AddCommand>> = {
  run: addRun,
  exec: addExec,
  push: addPush,
  fetch: addFetch,
  console: addConsole,
  repl: addConsole,
  open: addOpen,
  sessions: addSessions,
  close: addClose,
  worker: addWorker,
  gate: addGate,
  inventory: addInventory,
  module: addModule,
  runs: addRuns,
  jobs: addJobs,
  config: addConfig,
  demo: addDemo,
  doctor: addDoctor,
  completions: addCompletions,
  man: addMan,
  licenses: addLicenses,
};

/** Commands that describe all the others. */
const DESCRIBE_ALL: readonly string[] = ["doctor", "completions", "man"];

/** What adds all subcommands, in the order of the help. */
export const EVERY_COMMAND: readonly AddCommand[] = [
  ...new Set(Object.values(COMMANDS)),
];

/** What adds the named subcommand; undefined when it needs all of them. */
export function ownCommand(name: string): readonly AddCommand[] | undefined {
  const isAlone = Object.hasOwn(COMMANDS, name) && !DESCRIBE_ALL.includes(name);
  return isAlone ? [COMMANDS[name]!] : undefined;
}
