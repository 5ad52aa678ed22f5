// The environment of the processes of ftl that go on with the work of this one.

/** Variables of ftl that they need; all others are for single commands. */
const KEPT = ["FTL_TRUST_FILES", "FTL_RUNTIME_DIR"];

/**
 * The variables of this process, without those that hold options and secrets of one
 * command.
 */
export function childEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject())
      .filter(([name]) => !name.startsWith("FTL_") || KEPT.includes(name)),
  );
}
