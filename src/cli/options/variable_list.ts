// Splits environment variables that hold several values. Without commander, since
// completion needs it too.

/** How a variable holds several values. */
export type VariableList = "path" | "inventory";

/**
 * The values of a variable that holds a list as PATH does. In a list of
 * inventories, text with a comma is one list of hosts, which may have ports.
 */
export function valuesOf(text: string, list?: VariableList): string[] {
  if (list === undefined || (list === "inventory" && text.includes(","))) {
    return [text];
  }
  return text.split(":").filter((each) => each !== "");
}
