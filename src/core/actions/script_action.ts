// script: runs a file from the controller on the host. The host needs no Python.
import type { JsonObject } from "../../protocol/message.ts";
import { quoteWord, splitWords } from "../shell/shell_words.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import { fileOf } from "../work/local_source.ts";
import {
  concludeAction,
  fail,
  isYes,
  runShellStep,
  textOf,
} from "./action_result.ts";
import { openLocal } from "./local_file.ts";
import { ended } from "./raw_action.ts";
import type { ReadLocal } from "./read_local.ts";
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

/** Reads the file that runs. */
export const readScript: ReadLocal = async ({ args, vault }) => {
  const { first } = scriptLine(args);
  const decrypt = isYes(args.decrypt, true);
  return { file: await openLocal(first.text, { vault, decrypt }) };
};

/** The command, and its first word: the file. */
function scriptLine({ _raw_params, cmd }: JsonObject) {
  const line = (textOf(_raw_params) ?? textOf(cmd) ?? "").trim();
  const [first] = splitWords(line);
  if (first === undefined) fail("no script given");
  return { line, first };
}

async function runScript(
  host: OpenHost,
  context: HostContext,
): Promise<JsonObject> {
  const { creates, removes, executable, chdir } = context.args;
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
  const { line, first } = scriptLine(context.args);
  const file = fileOf(await context.local(() => readScript(context)));
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
