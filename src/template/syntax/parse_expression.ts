// Parses expressions, with the precedence of Jinja's operators.
import type { BinaryOperator } from "../values/arithmetic.ts";
import type { Value } from "../values/template_value.ts";
import {
  type ArgumentNodes,
  type Comparison,
  type Expression,
  type FilterNode,
  NO_ARGUMENT_NODES,
} from "./nodes.ts";
import type { KnownNames } from "./known_names.ts";
import type { TokenStream } from "./token_stream.ts";

const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="];

/** Expressions inside each other. */
const MAX_DEPTH = 200;

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...["true", "True"].map((name) => [name, true] as const),
  ...["false", "False"].map((name) => [name, false] as const),
  ...["none", "None"].map((name) => [name, null] as const),
]);

/** Parses the expressions of one tag. */
export class ExpressionParser {
  readonly #tokens: TokenStream;
  readonly #known: KnownNames;
  #depth = 0;

  constructor(tokens: TokenStream, known: KnownNames) {
    this.#tokens = tokens;
    this.#known = known;
  }

  /** An expression, or a tuple without parentheses. */
  tupleOrOne(
    { endsAt = [], hasCondition = true }: {
      endsAt?: readonly string[];
      hasCondition?: boolean;
    } = {},
  ): Expression {
    const { offset } = this.#tokens.token;
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) {
        if (!this.#tokens.skip(",")) break;
        isTuple = true;
      }
      if (this.#isTupleEnd(endsAt)) break;
      items.push(hasCondition ? this.expression() : this.plain());
    }
    if (isTuple) return { kind: "tuple", items, offset };
    return items[0] ?? this.#tokens.fail("expected an expression");
  }

  #isTupleEnd(endsAt: readonly string[]): boolean {
    return this.#tokens.isAtEnd || this.#tokens.isOperator(")") ||
      this.#tokens.isName(...endsAt);
  }

  /** One expression. */
  expression(): Expression {
    if (++this.#depth > MAX_DEPTH) {
      this.#tokens.fail(
        `expressions are nested more than ${MAX_DEPTH} levels deep`,
      );
    }
    let value = this.plain();
    while (this.#tokens.isName("if")) {
      const { offset } = this.#tokens.take();
      const test = this.plain();
      const otherwise = this.#tokens.skipName("else")
        ? this.expression()
        : undefined;
      value = { kind: "condition", test, then: value, otherwise, offset };
    }
    this.#depth--;
    return value;
  }

  /** An expression without `if`. */
  plain(): Expression {
    let left = this.#and();
    while (this.#tokens.isName("or")) {
      const { offset } = this.#tokens.take();
      left = { kind: "or", left, right: this.#and(), offset };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#tokens.isName("and")) {
      const { offset } = this.#tokens.take();
      left = { kind: "and", left, right: this.#not(), offset };
    }
    return left;
  }

  #not(): Expression {
    if (!this.#tokens.isName("not")) return this.#compare();
    const { offset } = this.#tokens.take();
    return this.#deeper(() => ({ kind: "not", of: this.#not(), offset }));
  }

  #deeper(parse: () => Expression): Expression {
    if (++this.#depth > MAX_DEPTH) {
      this.#tokens.fail(
        `expressions are nested more than ${MAX_DEPTH} levels deep`,
      );
    }
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  #compare(): Expression {
    const first = this.#sum();
    const rest: [Comparison, Expression][] = [];
    const { offset } = this.#tokens.token;
    for (;;) {
      const tokens = this.#tokens;
      if (tokens.isOperator(...COMPARISONS)) {
        rest.push([tokens.take().text as Comparison, this.#sum()]);
      } else if (tokens.skipName("in")) {
        rest.push(["in", this.#sum()]);
      } else if (
        tokens.isName("not") && tokens.next.kind === "name" &&
        tokens.next.text === "in"
      ) {
        tokens.take();
        tokens.take();
        rest.push(["not in", this.#sum()]);
      } else break;
    }
    return rest.length === 0 ? first : { kind: "compare", first, rest, offset };
  }

  #sum(): Expression {
    return this.#binary(["+", "-"], () => this.#concat());
  }

  #concat(): Expression {
    const first = this.#product();
    if (!this.#tokens.isOperator("~")) return first;
    const { offset } = this.#tokens.token;
    const items = [first];
    while (this.#tokens.skip("~")) items.push(this.#product());
    return { kind: "concat", items, offset };
  }

  #product(): Expression {
    return this.#binary(["*", "/", "//", "%"], () => this.#power());
  }

  #power(): Expression {
    return this.#binary(["**"], () => this.#unary(true));
  }

  #binary(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    while (this.#tokens.isOperator(...operators)) {
      const { text, offset } = this.#tokens.take();
      const operator = text as BinaryOperator;
      left = { kind: "binary", operator, left, right: operand(), offset };
    }
    return left;
  }

  #unary(takesFilters: boolean): Expression {
    const { token } = this.#tokens;
    let value: Expression;
    if (this.#tokens.isOperator("-", "+")) {
      const sign = this.#tokens.take().text as "-" | "+";
      value = this.#deeper(() => ({
        kind: "sign",
        sign,
        of: this.#unary(false),
        offset: token.offset,
      }));
    } else value = this.#primary();
    value = this.#postfix(value);
    return takesFilters ? this.#filtersAndTests(value) : value;
  }

  #primary(): Expression {
    const { kind, text, offset } = this.#tokens.token;
    switch (kind) {
      case "name": {
        this.#tokens.take();
        const value = CONSTANTS.get(text);
        return value === undefined
          ? { kind: "name", name: text, offset }
          : { kind: "constant", value, offset };
      }
      case "text": {
        let value = "";
        while (this.#tokens.token.kind === "text") {
          value += this.#tokens.take().text;
        }
        return { kind: "constant", value, offset };
      }
      case "integer":
      case "float": {
        this.#tokens.take();
        const digits = text.replaceAll("_", "");
        const value = kind === "integer" ? BigInt(digits) : Number(digits);
        return { kind: "constant", value, offset };
      }
    }
    if (this.#tokens.skip("(")) {
      if (this.#tokens.skip(")")) return { kind: "tuple", items: [], offset };
      const value = this.#deeper(() => this.tupleOrOne());
      this.#tokens.expect(")");
      return value;
    }
    if (this.#tokens.skip("[")) return this.#list(offset);
    if (this.#tokens.skip("{")) return this.#dict(offset);
    this.#tokens.fail("expected an expression");
  }

  #list(offset: number): Expression {
    const items: Expression[] = [];
    while (!this.#tokens.isOperator("]")) {
      if (items.length > 0) this.#tokens.expect(",");
      if (this.#tokens.isOperator("]")) break;
      items.push(this.expression());
    }
    this.#tokens.expect("]");
    return { kind: "list", items, offset };
  }

  #dict(offset: number): Expression {
    const members: [Expression, Expression][] = [];
    while (!this.#tokens.isOperator("}")) {
      if (members.length > 0) this.#tokens.expect(",");
      if (this.#tokens.isOperator("}")) break;
      const key = this.expression();
      this.#tokens.expect(":");
      members.push([key, this.expression()]);
    }
    this.#tokens.expect("}");
    return { kind: "dict", members, offset };
  }

  #postfix(value: Expression): Expression {
    for (;;) {
      const { offset } = this.#tokens.token;
      if (this.#tokens.skip(".")) {
        const { kind, text } = this.#tokens.take();
        if (kind === "name") {
          value = { kind: "attribute", of: value, name: text, offset };
        } else if (kind === "integer") {
          const key = {
            kind: "constant",
            value: BigInt(text),
            offset,
          } as const;
          value = { kind: "item", of: value, key, offset };
        } else this.#tokens.source.fail("expected a name after '.'", offset);
      } else if (this.#tokens.skip("[")) {
        value = this.#subscript(value, offset);
      } else if (this.#tokens.isOperator("(")) {
        value = this.#call(value, offset);
      } else return value;
    }
  }

  #subscript(of: Expression, offset: number): Expression {
    const part = () =>
      this.#tokens.isOperator(":", "]") ? undefined : this.expression();
    const start = part();
    if (!this.#tokens.isOperator(":")) {
      if (start === undefined) this.#tokens.fail("expected an expression");
      let key = start;
      if (this.#tokens.isOperator(",")) {
        const items = [start];
        while (this.#tokens.skip(",")) items.push(this.expression());
        key = { kind: "tuple", items, offset };
      }
      this.#tokens.expect("]");
      return { kind: "item", of, key, offset };
    }
    this.#tokens.take();
    const stop = part();
    const step = this.#tokens.skip(":") ? part() : undefined;
    this.#tokens.expect("]");
    return { kind: "slice", of, start, stop, step, offset };
  }

  #call(of: Expression, offset: number): Expression {
    const args = this.arguments();
    const [first] = args.positional;
    if (
      of.kind === "name" && ["lookup", "query"].includes(of.name) &&
      first?.kind === "constant" && typeof first.value === "string"
    ) {
      const why = this.#known.lookup(first.value);
      if (why !== undefined) this.#tokens.source.fail(why, first.offset);
    }
    return { kind: "call", of, args, offset };
  }

  /** Arguments in parentheses. */
  arguments(): ArgumentNodes {
    const positional: Expression[] = [];
    const named: [string, Expression][] = [];
    let list: Expression | undefined;
    let dict: Expression | undefined;
    this.#tokens.expect("(");
    while (!this.#tokens.isOperator(")")) {
      const { token, next } = this.#tokens;
      if (this.#tokens.skip("*")) list = this.expression();
      else if (this.#tokens.skip("**")) dict = this.expression();
      else if (
        token.kind === "name" && next.kind === "operator" && next.text === "="
      ) {
        this.#tokens.take();
        this.#tokens.take();
        named.push([token.text, this.expression()]);
      } else {
        if (named.length > 0 || dict !== undefined) {
          this.#tokens.fail("expected a named argument");
        }
        positional.push(this.expression());
      }
      if (!this.#tokens.skip(",")) break;
    }
    this.#tokens.expect(")");
    return { positional, named, list, dict };
  }

  #filtersAndTests(value: Expression): Expression {
    for (;;) {
      const { offset } = this.#tokens.token;
      if (this.#tokens.isOperator("|")) {
        const { name, args } = this.filter();
        value = { kind: "filter", name, args, of: value, offset };
      } else if (this.#tokens.skipName("is")) {
        value = this.#test(value, offset);
      } else if (this.#tokens.isOperator("(")) {
        value = this.#call(value, offset);
      } else return value;
    }
  }

  /** A filter with its `|`. */
  filter(): FilterNode {
    this.#tokens.expect("|");
    return this.filterName();
  }

  /** A filter without its `|`. */
  filterName(): FilterNode {
    const { offset } = this.#tokens.token;
    const name = this.#dottedName("the name of a filter");
    const why = this.#known.filter(name);
    if (why !== undefined) this.#tokens.source.fail(why, offset);
    const args = this.#tokens.isOperator("(")
      ? this.arguments()
      : NO_ARGUMENT_NODES;
    return { name, args, offset };
  }

  #dottedName(what: string): string {
    let name = this.#tokens.expectName(what);
    while (this.#tokens.skip(".")) name += `.${this.#tokens.expectName(what)}`;
    return name;
  }

  #test(of: Expression, offset: number): Expression {
    const isNegated = this.#tokens.skipName("not");
    const at = this.#tokens.token.offset;
    const name = this.#dottedName("the name of a test");
    const why = this.#known.test(name);
    if (why !== undefined) this.#tokens.source.fail(why, at);
    let args = NO_ARGUMENT_NODES;
    if (this.#tokens.isOperator("(")) args = this.arguments();
    else if (this.#startsTestArgument()) {
      if (this.#tokens.isName("is")) {
        this.#tokens.fail("tests cannot be chained with 'is'");
      }
      const argument = this.#postfix(this.#primary());
      args = { ...NO_ARGUMENT_NODES, positional: [argument] };
    }
    const test: Expression = { kind: "test", name, args, of, offset };
    return isNegated ? { kind: "not", of: test, offset } : test;
  }

  #startsTestArgument(): boolean {
    const { kind } = this.#tokens.token;
    if (kind === "name") return !this.#tokens.isName("else", "or", "and");
    return kind === "text" || kind === "integer" || kind === "float" ||
      this.#tokens.isOperator("[", "{");
  }
}
