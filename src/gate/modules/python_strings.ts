// Reads the strings that a Python file assigns to names, with a real grammar and
// without running it: DOCUMENTATION, EXAMPLES and RETURN, in modules and in
// documentation fragments.
import { PYTHON_ESCAPES } from "../../template/values/python_escapes.ts";
import { readPython, type SyntaxNode } from "../imports/python_tree.ts";

/**
 * The strings assigned at a file's top level, or in the body of a class there,
 * by their names. Computed values are left out; the last assignment counts.
 *
 * @throws {SyntaxError} as `readPython`.
 */
export function readAssignedStrings(text: string): Map<string, string> {
  return readPython(text, (root) => readAssignments(root, text));
}

function readAssignments(root: SyntaxNode, text: string): Map<string, string> {
  const strings = new Map<string, string>();
  for (let node = root.firstChild; node !== null; node = node.nextSibling) {
    if (node.name === "AssignStatement") readAssignment(node, text, strings);
    if (node.name !== "ClassDefinition") continue;
    const body = node.getChild("Body");
    for (const inner of body?.getChildren("AssignStatement") ?? []) {
      readAssignment(inner, text, strings);
    }
  }
  return strings;
}

function readAssignment(
  node: SyntaxNode,
  text: string,
  strings: Map<string, string>,
): void {
  const [name, sign, value] = [
    node.firstChild,
    node.firstChild?.nextSibling,
    node.lastChild,
  ];
  if (name?.name !== "VariableName" || sign?.name !== "AssignOp") return;
  const read = value && readString(value, text);
  if (typeof read === "string") strings.set(sliceOf(name, text), read);
}

/**
 * The value of a string literal, of several that follow each other, or of
 * either in parentheses; undefined for anything else.
 */
export function readString(node: SyntaxNode, text: string): string | undefined {
  let inner: SyntaxNode | null | undefined = node;
  while (inner?.name === "ParenthesizedExpression") {
    inner = inner.firstChild?.nextSibling;
  }
  if (inner?.name === "String") return literalValue(sliceOf(inner, text));
  if (inner?.name !== "ContinuedString") return undefined;
  return inner.getChildren("String")
    .map((part) => literalValue(sliceOf(part, text))).join("");
}

function sliceOf(node: SyntaxNode, text: string): string {
  return text.slice(node.from, node.to);
}

/** A literal's value (Python's reference, "String and Bytes literals"). */
function literalValue(source: string): string {
  const [, prefix = "", quote = ""] = /^([a-zA-Z]*)("""|'''|"|')/
    .exec(source) ?? [];
  const inner = source.slice(prefix.length + quote.length, -quote.length);
  return /r/i.test(prefix) ? inner : inner.replace(ESCAPE, unescape);
}

const ESCAPE =
  /\\(?:\n|[\\'"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/g;

function unescape(escape: string): string {
  const code = escape[1]!;
  const simple = PYTHON_ESCAPES[code];
  if (simple !== undefined) return simple;
  const point = /[xuU]/.test(code)
    ? parseInt(escape.slice(2), 16)
    : parseInt(escape.slice(1), 8);
  return point > 0x10ffff ? escape : String.fromCodePoint(point);
}
