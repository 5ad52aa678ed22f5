// Checks the FTL_ environment variables: a mistyped name would be ignored silently.
import { closest } from "../../../inventory/suggest.ts";
import { MANUAL_VARIABLES } from "../../manual/manual_notes.ts";
import type { Check } from "./check.ts";

/** Variables that no option reads. */
const WITHOUT_OPTION = MANUAL_VARIABLES.map(([name]) => name);

/** Reports which variables of ftl are set, and whether each is known. */
export function checkVariables(
  known: readonly string[],
  set: Iterable<string> = Object.keys(Deno.env.toObject()),
): Check {
  const name = "variables";
  const names = [...set].filter((each) => each.startsWith("FTL_")).sort();
  const all = [...known, ...WITHOUT_OPTION];
  const unknown = names.filter((each) => !all.includes(each));
  if (unknown.length === 0) {
    return { name, verdict: "ok", found: names.join(", ") || "None set" };
  }
  const [first] = unknown;
  const guess = closest(first!, all);
  return {
    name,
    verdict: "warn",
    found: `Unknown: ${unknown.join(", ")}`,
    remedy: guess ? `Did you mean ${guess}?` : "Unset unknown FTL_ variables",
  };
}
