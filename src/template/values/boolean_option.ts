// Options of the type boolean, as Ansible reads those of its plugins.
import { isNumeric } from "./compare.ts";
import { stripText } from "./python_case.ts";
import { Undefined, type Value } from "./template_value.ts";

const ON = ["y", "yes", "on", "1", "true", "t"];

/**
 * Whether an option is on: one of a few words, true or 1. Everything else is off, by
 * the rule in Ansible's documentation of the type `boolean` ("non-strict").
 */
export function isOn(value: Value): boolean {
  if (value instanceof Undefined) value.fail();
  if (typeof value === "string") {
    return ON.includes(stripText(value, "both").toLowerCase());
  }
  return value === true || (isNumeric(value) && Number(value) === 1);
}
