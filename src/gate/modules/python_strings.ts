// Strings that a Python file assigns to names, read with a real grammar and
// without running it: DOCUMENTATION and its kin, in modules and in fragments.
import { parser } from "@lezer/python";
import type { SyntaxNode } from "../imports/no_log_parameters.ts";

/**
 * The strings assigned at a file's top level, or in the body of a class there,
 * by their names. What is computed is left out; the last assignment counts.
 */
export function readAssignedStrings(text: string): Map<string, string> {
  const strings = new Map<string, string>();
  const root = parser.parse(text).topNode;
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
  if (node.name === "String") return literalValue(sliceOf(node, text));
  if (node.name === "ContinuedString") {
    return node.getChildren("String")
      .map((part) => literalValue(sliceOf(part, text))).join("");
  }
  if (node.name !== "ParenthesizedExpression") return undefined;
  const inner = node.firstChild?.nextSibling;
  return inner ? readString(inner, text) : undefined;
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

const SIMPLE: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function unescape(escape: string): string {
  const code = escape[1]!;
  const simple = SIMPLE[code];
  if (simple !== undefined) return simple;
  const point = /[xuU]/.test(code)
    ? parseInt(escape.slice(2), 16)
    : parseInt(escape.slice(1), 8);
  return point > 0x10ffff ? escape : String.fromCodePoint(point);
}
