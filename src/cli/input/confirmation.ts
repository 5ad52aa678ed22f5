// `--confirm N`: a question before a call runs on more than N hosts.
import type { Context } from "../commands/context.ts";
import { UsageError } from "../process/exit_code.ts";

/** When to ask, and whether the answer was given in advance. */
export interface ConfirmOptions {
  confirm?: number;
  yes?: boolean;
}

/**
 * Whether a call may run on `count` hosts: `y` or `yes` was answered, or no
 * question is due.
 *
 * @throws {UsageError} when there is no terminal to ask at.
 */
export async function mayRunOn(
  count: number,
  { confirm, yes }: ConfirmOptions,
  context: Pick<Context, "ask" | "canAsk">,
  signal?: AbortSignal,
): Promise<boolean> {
  if (yes || confirm === undefined || count <= confirm) return true;
  const hosts = count === 1 ? "1 host" : `${count} hosts`;
  if (!context.canAsk) {
    throw new UsageError(
      `Cannot run on ${hosts}: --confirm ${confirm} asks first, and there is no terminal`,
      { hint: "Answer in advance with --yes, or choose fewer hosts with -l" },
    );
  }
  const answer = await context.ask(`Run on ${hosts}? [y/N] `, { signal });
  return /^\s*y(?:es)?\s*$/i.test(answer);
}
