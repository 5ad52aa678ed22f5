// `ftl push`: copies a file or folder to the chosen hosts.
import { runOnHosts } from "../../display/run_on_hosts.ts";
import { callOf } from "../../input/call_options.ts";
import type { OnHostsOptions } from "../../options/options.ts";
import { UsageError } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** The options of `ftl push`. */
export type PushOptions =
  & OnHostsOptions
  & {
    mode?: string;
    owner?: string;
    group?: string;
    preserve?: boolean;
    parents?: boolean;
    delete?: boolean;
  };

/** Pushes SRC to DEST on the chosen hosts; resolves to the exit status. */
export async function handlePush(
  [src, dest]: readonly [src: string, dest: string],
  options: PushOptions,
  context: Context,
): Promise<number> {
  const { mode, owner, group, preserve, parents } = options;
  if (mode !== undefined && !/^0?[0-7]{3,4}$/.test(mode)) {
    throw new UsageError(
      `Cannot use --mode ${mode}: it is not an octal number`,
      {
        hint: "Use a mode such as 0644",
      },
    );
  }
  if (dest === "") throw new UsageError("Cannot push: DEST is empty");
  const push = {
    src,
    dest,
    ...(mode === undefined ? {} : { mode }),
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(preserve ? { preserve } : {}),
    ...(parents ? { parents } : {}),
    ...(options.delete ? { delete: true } : {}),
  };
  return await runOnHosts({ ...callOf(options), push }, options, context);
}
