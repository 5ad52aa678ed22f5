// `ftl exec`: runs a shell command on the chosen hosts. Words that choose hosts,
// as in other programs, are refused: they would become part of the command.
import { quoteWord } from "../../../core/shell/shell_words.ts";
import type { Inventory } from "../../../inventory/inventory.ts";
import { runOnHosts } from "../../display/run_on_hosts.ts";
import { callOf } from "../../input/call_options.ts";
import { isPattern } from "../../input/chosen_hosts.ts";
import type { OnHostsOptions } from "../../options/options.ts";
import { UsageError } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** The options of `ftl exec`. */
export type ExecCommandOptions = OnHostsOptions & { script?: string };

/** The words of the command line, and what is known about them. */
export interface ExecRequest {
  readonly options: ExecCommandOptions;
  readonly context: Context;
  /** Whether the command line has a `--`. */
  readonly isMarked: boolean;
  /** The words before `--`. */
  readonly stray: readonly string[];
}

/** Runs a shell command on the chosen hosts; resolves to the exit status. */
export async function handleExec(
  words: readonly string[],
  { options, context, isMarked, stray }: ExecRequest,
): Promise<number> {
  const { script } = options;
  if (stray.length > 0) throw strayWords(stray, words.slice(stray.length));
  if (script === "") {
    throw new UsageError("Cannot run the script: its name is empty");
  }
  const isEmpty = script === undefined && words.join("").trim() === "";
  if (isEmpty && !options.listHosts) {
    throw new UsageError("Cannot run a command: it is empty", {
      hint: "Write it after --, for example: ftl exec -l web -- uptime",
    });
  }
  const command = script === undefined ? words : [script, ...words];
  const accept = (inventory: Inventory) => {
    if (isMarked || isEmpty || script !== undefined) return;
    if (isPattern(words[0]!, inventory)) {
      throw strayWords(words.slice(0, 1), words.slice(1));
    }
  };
  const call = {
    ...callOf(options),
    command,
    ...(script === undefined ? {} : { script: true }),
  };
  return await runOnHosts(call, options, context, {
    accept,
    stdin: context.hostInput,
  });
}

/** The error for words that are in the place where others have hosts. */
function strayWords(
  words: readonly string[],
  rest: readonly string[],
): UsageError {
  const pattern = words.join(",");
  const command = rest.length > 0 ? rest.map(quoteWord).join(" ") : "COMMAND";
  return new UsageError(
    `Cannot run a command: ${words.join(" ")} is in its place, before the ` +
      "command",
    {
      hint: `To choose hosts: ftl exec -l ${quoteWord(pattern)} -- ${command}`,
    },
  );
}
