// The syntax of YAML, as PyYAML takes it: inside quotes and brackets, and for the `|`
// and `>` before a block of text, the indentation of lines has no meaning. The `yaml`
// package wants such lines to be indented, as YAML 1.2 does, so its lexer and its
// parser are told that they are. Their state is private;
// tests/inventory/format/yaml_python_test.ts holds what is used of it.
import {
  Composer,
  type Document,
  Lexer,
  type LineCounter,
  Parser,
  type YAMLParseError,
} from "yaml";

/** How many brackets may be open at once. */
const MAX_BRACKETS = 200;

/**
 * Parses a text as far as the start of a second document.
 *
 * @param lines Is given where each line starts.
 * @throws {RangeError} when it is nested too deeply.
 */
export function parseSyntax(
  text: string,
  lines: LineCounter,
): { documents: Document.Parsed[]; error: YAMLParseError | undefined } {
  const composer = new Composer({
    version: "1.1",
    schema: "failsafe",
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "error",
  });
  const tokens = readTokens(text, lines);
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(tokens, true, text.length)) {
    documents.push(document);
    if (documents.length > 1) break;
  }
  const errors = documents[0]?.errors ?? [];
  return { documents, error: errors.find((each) => !isAllowed(each)) };
}

/** PyYAML allows a comment right after a quote or a comma. */
function isAllowed({ message }: YAMLParseError): boolean {
  return message.startsWith("Comments must be separated");
}

function* readTokens(text: string, lines: LineCounter) {
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lines.addNewLine(at + 1);
  }
  const parser = new Parser();
  const state = parser as unknown as ParserState;
  for (const lexeme of createLexer().lex(text)) {
    if (state.atNewLine && /^[|>]/.test(lexeme)) {
      state.indent = Number.MAX_SAFE_INTEGER;
    }
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

interface ParserState {
  /** Whether only spaces came since the last line end. */
  readonly atNewLine: boolean;
  /** The indentation of this line so far. */
  indent: number;
}

interface LexerState {
  /** The indentation that further lines of a value need. */
  indentNext: number;
  /** How many brackets are open. */
  flowLevel: number;
}

type LexerRules = Record<
  | "parseFlowCollection"
  | "parsePlainScalar"
  | "parseQuotedScalar"
  | "parseBlockScalar",
  () => Generator<string, unknown>
>;

function createLexer(): Lexer {
  const lexer = new Lexer();
  const inner = lexer as unknown as LexerState & LexerRules;
  const ignoreIndent = (rule: keyof LexerRules) => {
    const original = inner[rule].bind(lexer);
    inner[rule] = function* () {
      const { indentNext, flowLevel } = inner;
      if (flowLevel > MAX_BRACKETS) {
        throw new RangeError("Cannot read YAML: too many open brackets");
      }
      if (flowLevel > 0 || rule === "parseQuotedScalar") inner.indentNext = 0;
      const next = yield* original();
      inner.indentNext = indentNext;
      return next;
    };
  };
  ignoreIndent("parseQuotedScalar");
  ignoreIndent("parseFlowCollection");
  ignoreIndent("parsePlainScalar");
  // A block of text is indented wherever its `|` stands.
  const parseBlockScalar = inner.parseBlockScalar.bind(lexer);
  inner.parseBlockScalar = function* () {
    inner.indentNext = Math.max(inner.indentNext, 1);
    return yield* parseBlockScalar();
  };
  return lexer;
}
