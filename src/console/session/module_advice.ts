// What to say of a line that failed because of its module: without such a module
// that is the error, and the line may lack a `:` or a `!`.
import { findAction } from "../../core/actions/registry.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import { BuildError } from "../../errors.ts";
import { adviseLine } from "../lines/line_advice.ts";

/** The line, the module that it names, and where modules come from. */
export interface FailedLine {
  readonly line: string;
  readonly module: string;
  readonly fleet: Pick<HostFleet, "locate" | "prepare">;
}

/** Returns the error to report in place of `error`. */
export async function adviseOnModule(
  error: unknown,
  { line, module, fleet }: FailedLine,
): Promise<unknown> {
  if (error instanceof BuildError) {
    if (await isKnown(module, fleet)) return error;
    return withHint(error, [error.hint, adviseLine(line)]);
  }
  if (!(error instanceof SyntaxError)) return error;
  if (await isKnown(module, fleet)) return withHint(error, [adviseLine(line)]);
  // Without the module, its arguments do not matter.
  const absent = await fleet.prepare(module).then(() => error, (e) => e);
  const near = absent instanceof BuildError ? absent.hint : undefined;
  return withHint(absent, [near, adviseLine(line)]);
}

function withHint(
  error: Error,
  hints: readonly (string | undefined)[],
): BuildError {
  return new BuildError(error.message, {
    cause: error,
    hint: hints.filter((hint) => hint !== undefined).join("\n     "),
  });
}

/** Whether there is such a module, or ftl has an action in its place. */
async function isKnown(
  module: string,
  fleet: FailedLine["fleet"],
): Promise<boolean> {
  return await findAction(module, fleet).then(
    ({ action, located }) =>
      action?.plan !== undefined || located !== undefined,
    () => true,
  );
}
