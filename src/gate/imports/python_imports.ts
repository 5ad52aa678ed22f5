// What a Python file declares, read with a real grammar and without running it:
// the module utils that it imports, the files that it embeds, and the parameters
// that it wants masked. Depends on the file's text alone, so that the result can
// be cached under the text's hash.
import { type Need, needOf } from "./unsupported.ts";
import { findNoLog, type NoLog } from "./no_log_parameters.ts";
import { readPython, type SyntaxNode } from "./python_tree.ts";

/** One import statement, or one name of `import a, b`. */
export interface Import {
  /** The text after `from` or `import`: `ansible.module_utils.basic`, `..x`. */
  readonly module: string;
  /** The imported names; empty for `import a.b`; may contain `*`. */
  readonly names: readonly string[];
  /** Counted from 1. */
  readonly line: number;
  /** Whether it may fail: it is in a `try` or under a condition. */
  readonly guarded: boolean;
}

/** The text of a util that replaces itself with another one on import. */
export function standInFor(module: string): string {
  return `import sys
from importlib import import_module

sys.modules[__name__] = import_module("${module}")
`;
}

/** The facts about one file. */
export interface PythonFacts extends NoLog {
  readonly imports: readonly Import[];
  /** Package and file name, as given to `EmbedManager.embed` (ansible-core 2.22). */
  readonly embeds: readonly (readonly [string, string])[];
  /** See `Need`. */
  readonly need?: Need;
}

const NOTHING: NoLog = { secrets: [], unmasked: [] };
const NONE: PythonFacts = { imports: [], embeds: [], ...NOTHING };
const MOVED = /^sys\.modules\[__name__\] = import_module\("([\w.]+)"\)$/m;
const WORTH_PARSING =
  /\bansible(?:\.module_utils|_collections\.)|\bfrom[ \t]*\.|\bno_log\b/;
const IMPORT = /^from\s*([.\w\s]+?)\s*\bimport\b\s*(.*)$|^import\s+(.*)$/s;
const RELEVANT = /^(?:\.|ansible\.module_utils\b|ansible_collections\.)/;
const EMBED =
  /\.embed\(\s*(["'])([.\w]+)\1\s*,\s*(["'])([^"'\\/\n]+)\3\s*,?\s*\)/g;

/**
 * Reads the facts of a file's text, without imports of anything but module utils,
 * and without imports under `if TYPE_CHECKING:`, which never run. Works on text
 * with mistakes, and on Python 2, as far as the grammar recognizes it.
 *
 * @throws {SyntaxError} as `readPython`.
 */
export function readFacts(text: string): PythonFacts {
  const moved = MOVED.exec(text)?.[1];
  if (moved !== undefined) {
    const target = { module: moved, names: [], line: 4, guarded: false };
    return { ...NONE, imports: [target] };
  }
  const need = needOf(text);
  if (!WORTH_PARSING.test(text)) return need ? { ...NONE, need } : NONE;
  return readPython(text, (root) => {
    const imports = readImports(root, text);
    const embeds = imports.some(importsEmbed)
      ? [...text.matchAll(EMBED)].map((match) =>
        [match[2]!, match[4]!] as const
      )
      : [];
    const noLog = text.includes("no_log") ? findNoLog(root, text) : NOTHING;
    return { imports, embeds, ...noLog, ...(need && { need }) };
  });
}

function readImports(root: SyntaxNode, text: string): Import[] {
  const imports: Import[] = [];
  const lines = lineCounter(text);
  root.cursor().iterate(({ name, node }) => {
    if (name === "ImportStatement") {
      const found = readImport(text.slice(node.from, node.to));
      const state = found.length === 0 ? "never" : conditionOf(node, text);
      if (state === "never") return false;
      const line = lines(node.from);
      imports.push(...found.map(([module, names]) => (
        { module, names, line, guarded: state === "guarded" }
      )));
    }
    return name !== "String" && name !== "ImportStatement";
  });
  return imports;
}

/** The relevant modules and names of one statement. */
function readImport(statement: string): [string, string[]][] {
  const plain = statement.replace(/#[^\n]*/g, "").replace(/[\\()]/g, " ");
  const match = IMPORT.exec(plain.trim());
  if (match === null) return [];
  const [, from, taken, imported] = match;
  const found: [string, string[]][] = from === undefined
    ? splitNames(imported!).map((module) => [module, []])
    : [[from.replace(/\s/g, ""), splitNames(taken!)]];
  return found.filter(([module]) => RELEVANT.test(module));
}

/** The names of `a.b as c, d`, without aliases. */
function splitNames(text: string): string[] {
  return text.split(",").map((item) =>
    item.trim().split(/\s+as\s+/)[0]!.replace(/\s/g, "")
  ).filter((name) => name !== "");
}

/** Whether an import always runs, may fail, or never runs. */
function conditionOf(
  node: SyntaxNode,
  text: string,
): "always" | "guarded" | "never" {
  let guarded = false;
  let below = node;
  for (let at = node.parent; at !== null; below = at, at = at.parent) {
    if (at.name === "TryStatement") guarded = true;
    if (at.name !== "IfStatement") continue;
    guarded = true;
    const condition = below.prevSibling;
    if (
      condition !== null &&
      /^(?:\w+\.)?TYPE_CHECKING$/.test(text.slice(condition.from, condition.to))
    ) return "never";
  }
  return guarded ? "guarded" : "always";
}

function importsEmbed({ module, names }: Import): boolean {
  return /(?:^|\.)module_utils\.embed$/.test(module) ||
    (/(?:^|\.)module_utils$/.test(module) && names.includes("embed"));
}

/** Counts lines up to offsets that never decrease. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (;;) {
      const newline = text.indexOf("\n", at);
      if (newline === -1 || newline >= offset) return line;
      line++;
      at = newline + 1;
    }
  };
}
