// Parses what a value is assigned to: a name, an attribute, or several of them.
import type { AssignTarget } from "./nodes.ts";
import type { TokenStream } from "./token_stream.ts";

/** One target, or several with commas. */
export function parseTarget(tokens: TokenStream): AssignTarget {
  const { offset } = tokens.token;
  const items = [parseOneTarget(tokens)];
  let isTuple = false;
  while (tokens.skip(",")) {
    isTuple = true;
    if (tokens.token.kind !== "name" && !tokens.isOperator("(")) break;
    items.push(parseOneTarget(tokens));
  }
  return isTuple ? { kind: "tuple", items, offset } : items[0]!;
}

/** One target; several in parentheses are one. */
export function parseOneTarget(tokens: TokenStream): AssignTarget {
  const { offset } = tokens.token;
  if (tokens.skip("(")) {
    const target = parseTarget(tokens);
    tokens.expect(")");
    return target;
  }
  const name = tokens.expectName();
  if (!tokens.skip(".")) return { kind: "name", name, offset };
  return { kind: "member", name, attribute: tokens.expectName(), offset };
}
