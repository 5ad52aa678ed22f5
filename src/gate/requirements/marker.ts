// Environment markers (PEP 508): whether a requirement applies to a Python. A gate
// is built before its hosts are known, so a marker is evaluated for every kind of
// host that may run a minor version of Python.
import { satisfies, valid, validRange } from "@renovatebot/pep440";
import { normalizeName } from "./package_name.ts";

/** A marker, parsed. */
export type Marker = Junction | Comparison;

interface Junction {
  readonly op: "and" | "or";
  readonly sides: readonly [Marker, Marker];
}

interface Comparison {
  readonly op: "compare";
  readonly left: Operand;
  readonly by: string;
  readonly right: Operand;
}

/** A variable of the environment, or a string. */
type Operand = { readonly variable: string } | { readonly text: string };

/** The values of all variables on one kind of host. */
export type Environment = Readonly<Record<string, string>>;

const VARIABLES = new Set([
  "os_name",
  "sys_platform",
  "platform_machine",
  "platform_python_implementation",
  "platform_release",
  "platform_system",
  "platform_version",
  "python_version",
  "python_full_version",
  "implementation_name",
  "implementation_version",
  "extra",
]);

/** Names of variables before PEP 508. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  "python_implementation": "platform_python_implementation",
};

const TOKEN =
  /\s*(?:(\(|\))|(===|~=|==|!=|<=|>=|<|>|not\s+in\b|in\b)|(and|or)\b|'([^']*)'|"([^"]*)"|([\w.]+))/y;

/** How deep parentheses may be nested. */
const MAX_DEPTH = 100;
/** How much of a text an error shows. */
const MAX_SHOWN = 200;

/**
 * Parses a marker.
 *
 * @throws {SyntaxError} when the text is not a marker.
 */
export function parseMarker(text: string): Marker {
  const tokens = tokenize(text);
  let at = 0;
  let depth = 0;
  const next = () => tokens[at++];
  const expression = (): Marker => {
    let left = conjunction();
    while (tokens[at]?.word === "or") {
      at++;
      left = { op: "or", sides: [left, conjunction()] };
    }
    return left;
  };
  const conjunction = (): Marker => {
    let left = term();
    while (tokens[at]?.word === "and") {
      at++;
      left = { op: "and", sides: [left, term()] };
    }
    return left;
  };
  const term = (): Marker => {
    if (tokens[at]?.word === "(") {
      at++;
      if (++depth > MAX_DEPTH) throw malformed(text);
      const inner = expression();
      depth--;
      if (next()?.word !== ")") throw malformed(text);
      return inner;
    }
    const [left, by, right] = [next(), next(), next()];
    if (!left?.operand || !by?.comparison || !right?.operand) {
      throw malformed(text);
    }
    return {
      op: "compare",
      left: left.operand,
      by: by.comparison,
      right: right.operand,
    };
  };
  const marker = expression();
  if (at < tokens.length) throw malformed(text);
  return marker;
}

interface Token {
  word?: string;
  comparison?: string;
  operand?: Operand;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (match === null) throw malformed(text);
    const [, parenthesis, comparison, junction, single, double, name] = match;
    const quoted = single ?? double;
    if (quoted !== undefined) tokens.push({ operand: { text: quoted } });
    else if (comparison) {
      tokens.push({ comparison: comparison.replace(/\s+/, " ") });
    } else if (name) tokens.push({ operand: { variable: known(name, text) } });
    else tokens.push({ word: (parenthesis ?? junction)! });
  }
  return tokens;
}

function known(name: string, text: string): string {
  const plain = name.replaceAll(".", "_");
  const variable = OLD_NAMES[plain] ?? plain;
  if (!VARIABLES.has(variable)) throw malformed(text);
  return variable;
}

function malformed(text: string): SyntaxError {
  const shown = JSON.stringify(text.trim().slice(0, MAX_SHOWN));
  return new SyntaxError(`${shown} is not a marker`);
}

/**
 * The kinds of hosts that may run a Python, such as `3.9`: Linux and macOS on
 * their usual machines, with any patch level.
 */
export function environmentsOf(python: string): Environment[] {
  const systems = [
    ["linux", "Linux", "x86_64"],
    ["linux", "Linux", "aarch64"],
    ["darwin", "Darwin", "x86_64"],
    ["darwin", "Darwin", "arm64"],
  ] as const;
  return systems.flatMap(([sys, system, machine]) =>
    [`${python}.0`, `${python}.99`].map((full) => ({
      os_name: "posix",
      sys_platform: sys,
      platform_machine: machine,
      platform_python_implementation: "CPython",
      platform_release: "",
      platform_system: system,
      platform_version: "",
      python_version: python,
      python_full_version: full,
      implementation_name: "cpython",
      implementation_version: full,
      extra: "",
    }))
  );
}

/** Whether a marker holds on one kind of host. */
export function holds(marker: Marker, environment: Environment): boolean {
  switch (marker.op) {
    case "or":
      return marker.sides.some((side) => holds(side, environment));
    case "and":
      return marker.sides.every((side) => holds(side, environment));
    case "compare": {
      const isExtra = [marker.left, marker.right].some((operand) =>
        "variable" in operand && operand.variable === "extra"
      );
      const value = (operand: Operand) => {
        if ("variable" in operand) return environment[operand.variable]!;
        return isExtra ? normalizeName(operand.text) : operand.text;
      };
      return compare(value(marker.left), marker.by, value(marker.right));
    }
  }
}

/** Compares versions, or strings where one side is not a version (PEP 508,
 * "Environment Markers"). */
function compare(left: string, by: string, right: string): boolean {
  if (by === "in") return right.includes(left);
  if (by === "not in") return !right.includes(left);
  if (valid(left) && validRange(by + right)) {
    return satisfies(left, by + right, { prereleases: true });
  }
  if (by === "==" || by === "===") return left === right;
  if (by === "!=") return left !== right;
  return false; // strings have no order
}
