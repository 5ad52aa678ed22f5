// From argv to an exit status: the only catch-all, and the only place that
// reports errors. `--version` and `complete` answer before anything slow is
// loaded. The processes of sessions and workers have signals of their own.
import { type Context, processContext } from "./commands/context.ts";
import { errorText, EXIT, exitCodeFor } from "./process/exit_code.ts";
import { nameSettings } from "../errors.ts";
import { SETTING_NAMES } from "./options/setting_names.ts";
import { SESSION_PROCESS } from "../core/session/session_word.ts";
import { WORKER_PROCESS } from "../core/workers/worker_word.ts";
import { VERSION } from "./process/version.ts";

/** Runs one command line; resolves to the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  nameSettings(SETTING_NAMES);
  if (argv[0] === SESSION_PROCESS) {
    const { runSessionProcess } = await import("./process/session_process.ts");
    return await runSessionProcess(argv.slice(1));
  }
  if (argv[0] === WORKER_PROCESS) {
    const { runWorkerProcess } = await import("./process/worker_process.ts");
    return await runWorkerProcess();
  }
  let hasHosts = false;
  const interrupt = listenForInterrupt({
    graceMs: () => hasHosts ? GRACE_MS.hosts : GRACE_MS.local,
  });
  const context = processContext(interrupt.signal, {
    catchInterrupt: interrupt.catchInterrupt,
    async prepareForHosts(preparation) {
      hasHosts = true;
      const { prepareForHosts } = await import(
        "./process/prepare_for_hosts.ts"
      );
      prepareForHosts(argv, interrupt.signal, preparation);
    },
  });
  try {
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
    // A file that does not answer, such as a pipe, cannot keep the command.
    const graceIsOver = interrupt.graceIsOver.then(() => EXIT.interrupted);
    return await Promise.race([runProgram(argv, context), graceIsOver]);
  } catch (error) {
    return report(error, context);
  } finally {
    interrupt.close();
  }
}

/** `ftl 1.2.3`, or all that there is to know. */
async function versionText(option: string | undefined): Promise<string> {
  if (option !== "--json") return `ftl ${VERSION}\n`;
  const { versionDocument } = await import("./process/version_document.ts");
  return `${JSON.stringify(await versionDocument(), null, 2)}\n`;
}

/** Reports an error, and returns its exit status. */
function report(error: unknown, context: Context): number {
  if (context.signal.aborted) return EXIT.interrupted;
  const status = exitCodeFor(error);
  if (status !== EXIT.brokenPipe) {
    const { isTerminal, columns } = context;
    context.err(errorText(error, isTerminal.err ? columns : undefined));
  }
  return status;
}

/** How long an interrupted command may take to end its work on hosts, or here. */
const GRACE_MS = { hosts: 15_000, local: 1_000 };

const END_SIGNALS = ["SIGTERM", "SIGHUP"] as const;

/** The first signal ends the command in order, the second one at once. */
function listenForInterrupt({ graceMs }: { graceMs: () => number }) {
  const controller = new AbortController();
  const grace = Promise.withResolvers<void>();
  let caught: (() => void) | undefined;
  const end = () => {
    if (controller.signal.aborted) Deno.exit(EXIT.interrupted);
    controller.abort(new DOMException("Interrupted", "AbortError"));
    setTimeout(grace.resolve, graceMs());
  };
  const interrupt = () => caught ? caught() : end();
  Deno.addSignalListener("SIGINT", interrupt);
  for (const name of END_SIGNALS) Deno.addSignalListener(name, end);
  return {
    signal: controller.signal,
    /** Resolves when the first signal was `graceMs()` ago. */
    graceIsOver: grace.promise,
    catchInterrupt(listener: () => void) {
      caught = listener;
      return () => caught = undefined;
    },
    close() {
      Deno.removeSignalListener("SIGINT", interrupt);
      for (const name of END_SIGNALS) Deno.removeSignalListener(name, end);
    },
  };
}
