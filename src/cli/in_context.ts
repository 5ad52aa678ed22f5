// Runs a command line in the context of the process: the only catch-all, and the
// only place that reports errors.
import { type Context, processContext } from "./commands/context.ts";
import { nameSettings } from "../errors.ts";
import { SETTING_NAMES } from "./options/setting_names.ts";
import { errorText, EXIT, exitCodeFor } from "./process/exit_code.ts";

/** Runs a command line; resolves to the exit status. */
export async function inContext(
  argv: readonly string[],
  work: (context: Context) => Promise<number>,
): Promise<number> {
  nameSettings(SETTING_NAMES);
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
    // A file that does not answer, such as a pipe, cannot keep the command.
    const graceIsOver = interrupt.graceIsOver.then(() => EXIT.interrupted);
    return await Promise.race([work(context), graceIsOver]);
  } catch (error) {
    return report(error, context);
  } finally {
    interrupt.close();
  }
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
