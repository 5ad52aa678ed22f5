// script: runs a file from the controller on the host. The host needs no Python.
import type { JsonObject } from "../../protocol/message.ts";
import { quoteWord, splitWords } from "../shell/shell_words.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import {
  concludeAction,
  fail,
  isYes,
  runShellStep,
  textOf,
} from "./action_result.ts";
import { openLocal } from "./local_file.ts";
import { ended } from "./raw_action.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of script. */
export const planScript: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, () =>
        context.use((host) => runScript(host, context))),
  });

async function runScript(
  host: OpenHost,
  context: HostContext,
): Promise<JsonObject> {
  const { creates, removes, executable, chdir, cmd, _raw_params } =
    context.args;
  for (
    const [path, isWanted, says] of [
      [textOf(creates), false, "exists, matching creates option"],
      [textOf(removes), true, "does not exist, matching removes option"],
    ] as const
  ) {
    if (path === undefined) continue;
    const { rc } = await runShellStep(host, `test -e ${quoteWord(path)}`);
    if ((rc === 0) !== isWanted) {
      return { skipped: true, msg: `${path} ${says}` };
    }
  }
  const folder = textOf(chdir);
  if (folder !== undefined && !folder.startsWith("/")) {
    fail(
      `chdir ${folder} must be an absolute path for a Unix-aware remote node`,
    );
  }
  const line = (textOf(_raw_params) ?? textOf(cmd) ?? "").trim();
  const [first] = splitWords(line);
  if (first === undefined) fail("no script given");
  const file = await openLocal(first.text, {
    vault: context.vault,
    decrypt: isYes(context.args.decrypt, true),
  });
  if (context.call.check) {
    return textOf(creates) ?? textOf(removes)
      ? { changed: true }
      : { skipped: true, msg: "Check mode is not supported for this task." };
  }
  // As in Ansible, scripts that look at $0 find their own name.
  const staging = { mode: 0o700, name: file.name };
  return await host.stage(file, staging, async (path) => {
    const staged = line.replace(first.raw, () => quoteWord(path));
    const command = [textOf(executable), staged];
    const inFolder = folder ? `cd ${quoteWord(folder)}&&` : "";
    return ended(
      await runShellStep(host, inFolder + command.filter(Boolean).join(" ")),
    );
  });
}
