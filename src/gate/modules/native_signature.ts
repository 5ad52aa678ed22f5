// Reads the signature of a native module's `main` without running it: names,
// defaults and annotations of the parameters, and the docstring.
import { readString } from "./python_strings.ts";
import { readPython, type SyntaxNode } from "../imports/python_tree.ts";

/** A parameter of `main`. */
export interface SignatureParameter {
  readonly name: string;
  /** The annotation's source text. */
  readonly annotation?: string;
  /** The default's source text; absent when the parameter is required. */
  readonly default?: string;
}

/** The signature of `main`. */
export interface Signature {
  readonly parameters: readonly SignatureParameter[];
  readonly docstring?: string;
}

/** Parameters that the gate passes, not the caller (docs/protocol.md). */
const PASSED_BY_GATE = new Set(["check_mode", "progress"]);

/**
 * Reads the last top-level `main`; undefined for a module without one.
 *
 * @throws {SyntaxError} as `readPython`.
 */
export function readSignature(text: string): Signature | undefined {
  return readPython(text, (root) => signatureOf(root, text));
}

function signatureOf(root: SyntaxNode, text: string): Signature | undefined {
  let main: SyntaxNode | undefined;
  for (let node = root.firstChild; node !== null; node = node.nextSibling) {
    const definition = node.name === "DecoratedStatement"
      ? node.getChild("FunctionDefinition")
      : node;
    if (definition?.name !== "FunctionDefinition") continue;
    const name = definition.getChild("VariableName");
    if (name && text.slice(name.from, name.to) === "main") main = definition;
  }
  if (main === undefined) return undefined;
  const docstring = readDocstring(main.getChild("Body"), text) ??
    readDocstring(root, text);
  return {
    parameters: readParameters(main.getChild("ParamList"), text),
    ...(docstring !== undefined && { docstring }),
  };
}

function readParameters(
  list: SyntaxNode | null,
  text: string,
): SignatureParameter[] {
  const parameters: SignatureParameter[] = [];
  const source = (node: SyntaxNode) => text.slice(node.from, node.to);
  let isStarred = false;
  for (let node = list?.firstChild ?? null; node; node = node.nextSibling) {
    if (node.name === "*" || node.name === "**") isStarred = true;
    else if (node.name === ",") isStarred = false;
    if (node.name !== "VariableName" || isStarred) continue;
    // After `=`, the name is a default.
    if (node.prevSibling?.name === "AssignOp") continue;
    let parameter: SignatureParameter = { name: source(node) };
    let next = node.nextSibling;
    if (next?.name === "TypeDef") {
      const annotation = source(next).replace(/^:\s*/, "");
      parameter = { ...parameter, annotation };
      next = next.nextSibling;
    }
    if (next?.name === "AssignOp" && next.nextSibling) {
      parameter = { ...parameter, default: source(next.nextSibling) };
    }
    if (!PASSED_BY_GATE.has(parameter.name)) parameters.push(parameter);
  }
  return parameters;
}

function readDocstring(
  body: SyntaxNode | null,
  text: string,
): string | undefined {
  let first = body?.firstChild ?? null;
  while (first && (first.name === ":" || first.name === "Comment")) {
    first = first.nextSibling;
  }
  const string = first?.name === "ExpressionStatement"
    ? first.firstChild
    : null;
  return string === null ? undefined : readString(string, text);
}
