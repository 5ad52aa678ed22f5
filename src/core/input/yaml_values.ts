// YAML of argument files as plain values; numbers keep their text.
import { isScalar, parseDocument, visit } from "yaml";
import { fractionOf, integerOf } from "../../json/exact_number.ts";

/**
 * Parses YAML.
 *
 * @throws {Error} when the text is not YAML.
 */
export function parseYamlValues(text: string): unknown {
  const document = parseDocument(text, {
    version: "1.1",
    merge: true,
    intAsBigInt: true,
  });
  const [error] = document.errors;
  if (error) throw error;
  visit(document, {
    Scalar(role, node) {
      if (!isScalar(node)) return;
      const { value, source = "" } = node;
      const number = typeof value === "bigint"
        ? integerOf(value)
        : typeof value === "number"
        ? fractionOf(source, value)
        : undefined;
      if (number === undefined) return;
      node.value = role === "key" ? String(number) : number;
    },
  });
  return document.toJS();
}
