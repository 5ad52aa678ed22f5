// `ftl fetch`: copies a file or folder from the chosen hosts.
import { runOnHosts } from "../../display/run_on_hosts.ts";
import { callOf } from "../../input/call_options.ts";
import type { OnHostsOptions } from "../../options/options.ts";
import { UsageError } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** The options of `ftl fetch`; `maxSize` is in bytes. */
export type FetchOptions =
  & OnHostsOptions
  & { preserve?: boolean; maxSize?: number };

/** Fetches SRC from the chosen hosts into DIR; resolves to the exit status. */
export async function handleFetch(
  [src, dest]: readonly [src: string, dir: string],
  options: FetchOptions,
  context: Context,
): Promise<number> {
  if (src === "" || dest === "") {
    throw new UsageError("Cannot fetch: SRC or DIR is empty");
  }
  const { preserve, maxSize } = options;
  const fetch = {
    src,
    dest,
    ...(preserve ? { preserve } : {}),
    ...(maxSize === undefined ? {} : { max_size: maxSize }),
  };
  return await runOnHosts({ ...callOf(options), fetch }, options, context);
}
