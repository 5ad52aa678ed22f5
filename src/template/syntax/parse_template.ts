// Parses templates: text, `{{ }}`, and the blocks of Jinja 3.1 with those of its
// extensions `do` and `loopcontrols`.
import type { Syntax } from "./delimiters.ts";
import type { Token } from "./expression_tokens.ts";
import { namesIn, type Piece, tokenize } from "./lexer.ts";
import type {
  AssignTarget,
  Expression,
  FilterNode,
  MacroNode,
  MacroParameter,
  Statement,
  TemplateTree,
} from "./nodes.ts";
import type { KnownNames } from "./known_names.ts";
import { ExpressionParser } from "./parse_expression.ts";
import { parseOneTarget, parseTarget } from "./parse_target.ts";
import type { Source } from "./source.ts";
import { TokenStream } from "./token_stream.ts";

/** Blocks inside each other. */
const MAX_DEPTH = 100;

/**
 * Parses a template.
 *
 * @throws {TemplateSyntaxError} with its place.
 */
export function parseTemplate(
  source: Source,
  options: { syntax: Syntax; known: KnownNames },
): TemplateTree {
  return new TemplateParser(source, options).run();
}

/** One tag while it is parsed. */
interface Tag {
  readonly tokens: TokenStream;
  readonly expressions: ExpressionParser;
  readonly offset: number;
  readonly raw: readonly Token[];
}

class TemplateParser {
  readonly #source: Source;
  readonly #known: KnownNames;
  readonly #pieces: Piece[];
  readonly #blocks = new Map<string, readonly Statement[]>();
  #at = 0;
  #depth = 0;
  #loops = 0;

  constructor(
    source: Source,
    { syntax, known }: { syntax: Syntax; known: KnownNames },
  ) {
    this.#source = source;
    this.#known = known;
    this.#pieces = tokenize(source, syntax);
  }

  run(): TemplateTree {
    const { body } = this.#body([]);
    return { body, blocks: this.#blocks };
  }

  /** Statements up to one of the words, whose tag is returned. */
  #body(
    endsAt: readonly string[],
    opened?: { name: string; offset: number },
  ): { body: Statement[]; word: string; tag: Tag | undefined } {
    if (++this.#depth > MAX_DEPTH) {
      this.#source.fail(
        `blocks are nested more than ${MAX_DEPTH} levels deep`,
        opened?.offset ?? 0,
      );
    }
    const body: Statement[] = [];
    for (;;) {
      const piece = this.#pieces[this.#at++];
      if (piece === undefined) {
        if (opened === undefined) break;
        this.#source.fail(
          `the block '${opened.name}' is not closed by ${endsAt.at(-1)}`,
          opened.offset,
        );
      }
      if (piece.kind === "text") {
        body.push({ ...piece, offset: 0 });
        continue;
      }
      const tag = this.#tag(piece);
      if (piece.kind === "variable") {
        const value = tag.expressions.tupleOrOne();
        tag.tokens.expectEnd();
        body.push({ kind: "output", value, offset: tag.offset });
        continue;
      }
      const word = tag.tokens.expectName("the name of a block");
      if (endsAt.includes(word)) {
        this.#depth--;
        return { body, word, tag };
      }
      const statement = this.#statement(word, tag);
      if (statement !== undefined) body.push(statement);
    }
    this.#depth--;
    return { body, word: "", tag: undefined };
  }

  #tag({ tokens, offset }: Extract<Piece, { tokens: Token[] }>): Tag {
    const stream = new TokenStream(this.#source, tokens);
    return {
      tokens: stream,
      expressions: new ExpressionParser(stream, this.#known),
      offset,
      raw: tokens,
    };
  }

  /** A body that one word ends. */
  #simpleBody(
    endsAt: string,
    { name, offset }: { name: string; offset: number },
  ): Statement[] {
    const { body, tag } = this.#body([endsAt], { name, offset });
    tag!.tokens.expectEnd();
    return body;
  }

  #statement(word: string, tag: Tag): Statement | undefined {
    const { tokens, expressions, offset } = tag;
    switch (word) {
      case "if":
        return this.#if(tag);
      case "for":
        return this.#for(tag);
      case "set":
        return this.#set(tag);
      case "with":
        return this.#with(tag);
      case "macro":
        return {
          kind: "macro",
          macro: this.#macro(tag, {
            name: tokens.expectName(),
            ends: "endmacro",
          }),
          offset,
        };
      case "call":
        return this.#callBlock(tag);
      case "filter": {
        const filters = [expressions.filterName(), ...this.#filters(tag)];
        tokens.expectEnd();
        const body = this.#simpleBody("endfilter", { name: word, offset });
        return { kind: "filter block", filters, body, offset };
      }
      case "include":
        return this.#include(tag);
      case "import":
      case "from":
        return this.#import(word, tag);
      case "extends": {
        const name = expressions.expression();
        tokens.expectEnd();
        return { kind: "extends", name, offset };
      }
      case "block":
        return this.#block(tag);
      case "do": {
        const value = expressions.tupleOrOne();
        tokens.expectEnd();
        return { kind: "do", value, offset };
      }
      case "break":
      case "continue":
        tokens.expectEnd();
        if (this.#loops === 0) {
          this.#source.fail(`'${word}' is outside of a loop`, offset);
        }
        return { kind: word, offset };
    }
    this.#source.fail(`unknown block '${word}'`, offset);
  }

  #if(tag: Tag): Statement {
    const branches: {
      test: Expression | undefined;
      body: readonly Statement[];
    }[] = [];
    const opened = { name: "if", offset: tag.offset };
    let test: Expression | undefined = tag.expressions.tupleOrOne({
      hasCondition: false,
    });
    tag.tokens.expectEnd();
    for (;;) {
      const ends = test === undefined ? ["endif"] : ["elif", "else", "endif"];
      const { body, word, tag: next } = this.#body(ends, opened);
      branches.push({ test, body });
      test = word === "elif"
        ? next!.expressions.tupleOrOne({ hasCondition: false })
        : undefined;
      next!.tokens.expectEnd();
      if (word === "endif") {
        return { kind: "if", branches, offset: tag.offset };
      }
    }
  }

  #for({ tokens, expressions, offset }: Tag): Statement {
    const target = parseTarget(tokens);
    if (!tokens.skipName("in")) tokens.fail("expected 'in'");
    const of = expressions.tupleOrOne({
      hasCondition: false,
      endsAt: ["recursive"],
    });
    const filter = tokens.skipName("if") ? expressions.expression() : undefined;
    const isRecursive = tokens.skipName("recursive");
    tokens.expectEnd();
    const opened = { name: "for", offset };
    const from = this.#at;
    this.#loops++;
    const { body, word, tag } = this.#body(["else", "endfor"], opened);
    this.#loops--;
    const usesLoop = isRecursive ||
      namesIn(this.#pieces.slice(from, this.#at)).has("loop");
    tag!.tokens.expectEnd();
    const otherwise = word === "else" ? this.#simpleBody("endfor", opened) : [];
    const loop = { target, of, filter, isRecursive, usesLoop, body, otherwise };
    return { kind: "for", ...loop, offset };
  }

  #set(tag: Tag): Statement {
    const { tokens, expressions, offset } = tag;
    const target = parseTarget(tokens);
    if (tokens.skip("=")) {
      const value = expressions.tupleOrOne();
      tokens.expectEnd();
      return { kind: "set", target, value, offset };
    }
    const filters = this.#filters(tag);
    tokens.expectEnd();
    const body = this.#simpleBody("endset", { name: "set", offset });
    return { kind: "set block", target, filters, body, offset };
  }

  #filters({ tokens, expressions }: Tag): FilterNode[] {
    const filters: FilterNode[] = [];
    while (tokens.isOperator("|")) filters.push(expressions.filter());
    return filters;
  }

  #with({ tokens, expressions, offset }: Tag): Statement {
    const targets: [AssignTarget, Expression][] = [];
    while (!tokens.isAtEnd) {
      if (targets.length > 0) tokens.expect(",");
      const target = parseOneTarget(tokens);
      tokens.expect("=");
      targets.push([target, expressions.expression()]);
    }
    const body = this.#simpleBody("endwith", { name: "with", offset });
    return { kind: "with", targets, body, offset };
  }

  #macro(
    { tokens, expressions, offset }: Tag,
    { name, ends }: { name: string; ends: string },
  ): MacroNode {
    const parameters = tokens.isOperator("(")
      ? this.#parameters(tokens, expressions)
      : [];
    if (ends === "endmacro") tokens.expectEnd();
    return { name, parameters, ...this.#macroBody(ends, { name, offset }) };
  }

  #macroBody(
    ends: string,
    opened: { name: string; offset: number },
  ): Pick<MacroNode, "body" | "usesVarargs" | "usesKwargs" | "usesCaller"> {
    const from = this.#at;
    const loops = this.#loops;
    this.#loops = 0;
    const body = this.#simpleBody(ends, opened);
    this.#loops = loops;
    const used = namesIn(this.#pieces.slice(from, this.#at));
    return {
      body,
      usesVarargs: used.has("varargs"),
      usesKwargs: used.has("kwargs"),
      usesCaller: used.has("caller"),
    };
  }

  #parameters(
    tokens: TokenStream,
    expressions: ExpressionParser,
  ): MacroParameter[] {
    const parameters: MacroParameter[] = [];
    tokens.expect("(");
    while (!tokens.isOperator(")")) {
      if (parameters.length > 0) tokens.expect(",");
      if (tokens.isOperator(")")) break;
      const name = tokens.expectName();
      const otherwise = tokens.skip("=") ? expressions.expression() : undefined;
      parameters.push({ name, otherwise });
    }
    tokens.expect(")");
    return parameters;
  }

  #callBlock({ tokens, expressions, offset }: Tag): Statement {
    const parameters = tokens.isOperator("(")
      ? this.#parameters(tokens, expressions)
      : [];
    const call = expressions.plain();
    if (call.kind !== "call") tokens.source.fail("expected a call", offset);
    tokens.expectEnd();
    const opened = { name: "call", offset };
    const caller = {
      name: "caller",
      parameters,
      ...this.#macroBody("endcall", opened),
    };
    return { kind: "call block", call, caller, offset };
  }

  #include({ tokens, expressions, offset }: Tag): Statement {
    const name = expressions.expression();
    let ignoresMissing = false;
    if (tokens.isName("ignore") && tokens.next.text === "missing") {
      tokens.take();
      tokens.take();
      ignoresMissing = true;
    }
    const withContext = this.#context(tokens, true);
    tokens.expectEnd();
    return { kind: "include", name, ignoresMissing, withContext, offset };
  }

  /** `with context` or `without context`. */
  #context(tokens: TokenStream, otherwise: boolean): boolean {
    if (!tokens.isName("with", "without")) return otherwise;
    if (tokens.next.text !== "context") return otherwise;
    const isWith = tokens.take().text === "with";
    tokens.take();
    return isWith;
  }

  #import(
    word: "import" | "from",
    { tokens, expressions, offset }: Tag,
  ): Statement {
    const name = expressions.expression();
    if (word === "import") {
      if (!tokens.skipName("as")) tokens.fail("expected 'as'");
      const as = tokens.expectName();
      const withContext = this.#context(tokens, false);
      tokens.expectEnd();
      return { kind: "import", name, as, withContext, offset };
    }
    if (!tokens.skipName("import")) tokens.fail("expected 'import'");
    const names: [string, string][] = [];
    let withContext = false;
    while (!tokens.isAtEnd) {
      if (names.length > 0) tokens.expect(",");
      if (tokens.isName("with", "without") && tokens.next.text === "context") {
        break;
      }
      const from = tokens.expectName();
      names.push([from, tokens.skipName("as") ? tokens.expectName() : from]);
      if (!tokens.isOperator(",")) break;
    }
    withContext = this.#context(tokens, false);
    tokens.expectEnd();
    return { kind: "from", name, names, withContext, offset };
  }

  #block({ tokens, offset }: Tag): Statement {
    const name = tokens.expectName();
    if (this.#blocks.has(name)) {
      this.#source.fail(`the block '${name}' is defined twice`, offset);
    }
    const isScoped = tokens.skipName("scoped");
    tokens.skipName("required");
    tokens.expectEnd();
    this.#blocks.set(name, []); // from here on, so that it cannot hold itself
    const loops = this.#loops;
    this.#loops = 0;
    const { body, tag } = this.#body(["endblock"], { name: "block", offset });
    this.#loops = loops;
    tag!.tokens.skipName(name);
    tag!.tokens.expectEnd();
    this.#blocks.set(name, body);
    return { kind: "block", name, isScoped, body, offset };
  }
}
