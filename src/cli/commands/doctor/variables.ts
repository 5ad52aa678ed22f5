// The variables by which ftl is told things: one that is mistyped would be
// ignored without a word.
import { closest } from "../../../inventory/suggest.ts";
import type { Check } from "./check.ts";

/** Read outside the command line. */
const OTHERS = ["FTL_HOME", "FTL_RUNTIME_DIR", "FTL_TRUST_FILES"];

/** Which variables of ftl are set, and whether it knows them. */
export function checkVariables(
  known: readonly string[],
  set: Iterable<string> = Object.keys(Deno.env.toObject()),
): Check {
  const name = "variables";
  const names = [...set].filter((each) => each.startsWith("FTL_")).sort();
  const all = [...known, ...OTHERS];
  const unknown = names.filter((each) => !all.includes(each));
  if (unknown.length === 0) {
    return { name, verdict: "ok", found: names.join(", ") || "None is set" };
  }
  const [first] = unknown;
  const guess = closest(first!, all);
  return {
    name,
    verdict: "warn",
    found: `ftl does not know ${unknown.join(", ")}`,
    remedy: guess ? `Did you mean ${guess}?` : "Unset what is not meant for it",
  };
}
