// From argv to an exit status. `--version` and `complete` answer before anything
// slow is loaded. The processes of sessions and workers have signals of their own.
import { subcommandsFor } from "./subcommands_for.ts";
import { EXIT } from "./process/exit_code.ts";
import { inContext } from "./in_context.ts";
import { SESSION_PROCESS } from "../core/session/session_word.ts";
import { WORKER_PROCESS } from "../core/workers/worker_word.ts";
import { VERSION } from "./process/version.ts";

/** Runs one command line; resolves to the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === SESSION_PROCESS) {
    const { runSessionProcess } = await import("./process/session_process.ts");
    return await runSessionProcess(argv.slice(1));
  }
  if (argv[0] === WORKER_PROCESS) {
    const { runWorkerProcess } = await import("./process/worker_process.ts");
    return await runWorkerProcess();
  }
  if (isScriptCommand(argv)) {
    const { mainOfScripts } = await import("./main_of_scripts.ts");
    return await mainOfScripts(argv);
  }
  return await inContext(argv, async (context) => {
    if (argv[0] === "--version" || argv[0] === "-V") {
      context.out(await versionText(argv[1]));
      return EXIT.ok;
    }
    if (argv[0] === "complete") {
      const { completeForShell } = await import(
        "./completion/answer_completion.ts"
      );
      await completeForShell(argv.slice(1), context);
      return EXIT.ok;
    }
    const { runProgram } = await import("./program.ts");
    return await runProgram(argv, context, subcommandsFor);
  });
}

/** Whether it is a command of scripts, and is to run. */
function isScriptCommand([name = "", ...words]: readonly string[]): boolean {
  const isHelp = words.includes("--help") || words.includes("-h");
  return (name === "run" || name === "exec") && !isHelp;
}

/** `ftl 1.2.3`, or all that there is to know. */
async function versionText(option: string | undefined): Promise<string> {
  if (option !== "--json") return `ftl ${VERSION}\n`;
  const { versionDocument } = await import("./process/version_document.ts");
  return `${JSON.stringify(await versionDocument(), null, 2)}\n`;
}
