// raw: runs a command in plain sh, as `ftl exec` does. The host needs no Python.
import { quoteWord } from "../shell/shell_words.ts";
import { concludeAction, fail, runShellStep, textOf } from "./action_result.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of raw. */
export const planRaw: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, async () => {
        if (context.call.check) return { skipped: true };
        const command = textOf(context.args._raw_params);
        if (command === undefined) fail("no command given");
        const shell = textOf(context.args.executable);
        const words = shell === undefined
          ? command
          : `exec ${quoteWord(shell)} -c ${quoteWord(command)}`;
        return ended(await context.use((host) => runShellStep(host, words)));
      }),
  });

/** The result of a command that ended. */
export function ended(output: { rc: number; stdout: string; stderr: string }) {
  return {
    changed: true,
    ...output,
    ...(output.rc === 0 ? {} : { failed: true, msg: "non-zero return code" }),
  };
}
