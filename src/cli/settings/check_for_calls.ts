// Values that are read only when a call is made: `ftl config` and the doctor read
// them too, so that a wrong one shows before a call needs it.
import { FtlError } from "../../errors.ts";
import { compileQuery } from "../../output/query.ts";
import { readEnvOption } from "../input/call_options.ts";
import { parseShard } from "../input/shard.ts";
import { UsageError } from "../process/exit_code.ts";

/** A value as its option has it. */
export interface ValueForCalls {
  /** The name of a long option, without hyphens before it. */
  readonly name: string;
  readonly value: unknown;
  /** `ftl.yml:3`, `FTL_QUERY` or `command line`. */
  readonly place: string;
}

/**
 * Reads a value as a call would.
 *
 * @param env reads an environment variable
 * @throws {UsageError} with its place, when it cannot be used.
 */
export async function checkForCalls(
  { name, value, place }: ValueForCalls,
  env: (name: string) => string | undefined,
): Promise<void> {
  try {
    if (name === "query") await compileQuery(String(value));
    if (name === "shard") parseShard(String(value), env);
    if (name === "env") (value as string[]).forEach(readEnvOption);
  } catch (cause) {
    if (!(cause instanceof FtlError)) throw cause;
    const { message, hint } = cause;
    const named = place === "command line"
      ? message
      : message.replace(/^Cannot (?:use|read) --/, `Cannot use ${place}: `);
    throw new UsageError(named, { cause, ...(hint && { hint }) });
  }
}
