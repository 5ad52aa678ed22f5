// `ftl run` and `ftl exec`, which scripts call one after the other. What a call in a
// session needs is imported at once: in the bundle that is one file, and Deno takes a
// millisecond for each import on demand.
import { addExec } from "./commands/exec/exec_command.ts";
import "./commands/exec/exec_handler.ts";
import { addRun } from "./commands/run/run_command.ts";
import "./commands/run/run_handler.ts";
import "./input/command_sessions.ts";
import { inContext } from "./in_context.ts";
import "./process/prepare_for_hosts.ts";
import { runProgram } from "./program.ts";
import "./settings/apply_settings.ts";
import "../core/actions/plan_action.ts";
import "../gate/modules/argument_rules.ts";

/** Runs one command line of theirs; resolves to the exit status. */
export async function mainOfScripts(argv: readonly string[]): Promise<number> {
  return await inContext(
    argv,
    (context) =>
      runProgram(
        argv,
        context,
        ([name]) => Promise.resolve([name === "run" ? addRun : addExec]),
      ),
  );
}
