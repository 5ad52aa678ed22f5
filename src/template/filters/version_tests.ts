// `is version`: compares versions as Ansible does.
import { LazyModule } from "../lazy_module.ts";
import { TemplateError } from "../template_error.ts";
import type { Test } from "../run/library_types.ts";
import { isTrue } from "../values/compare.ts";
import { reprOf, toText } from "../values/printed_text.ts";

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

const NAMES: Readonly<Record<string, string>> = {
  "=": "==",
  eq: "==",
  "<>": "!=",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

const pep440 = new LazyModule(() => import("@renovatebot/pep440"));

/** Numbers and words in turn, compared one by one. */
function looseOrder(a: string, b: string): number {
  const parts = (version: string) =>
    version.match(/\d+|[a-z]+|[^\d.a-z]+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [x, y] = [left[at]!, right[at]!];
    const [isNumber, isOther] = [/^\d/.test(x), /^\d/.test(y)];
    if (isNumber !== isOther) {
      throw new TemplateError(
        `Version comparison failed: cannot order ${x} and ${y} of ${a} and ${b}`,
      );
    }
    if (isNumber && BigInt(x) !== BigInt(y)) {
      return BigInt(x) < BigInt(y) ? -1 : 1;
    }
    if (!isNumber && x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

const SEMANTIC =
  /^(\d+)\.(\d+)\.(\d+)(?:-([\dA-Za-z.-]+))?(?:\+[\dA-Za-z.-]+)?$/;

/** Semantic Versioning 2.0.0, section 11. */
function semanticOrder(a: string, b: string): number {
  const parse = (version: string) => {
    const match = SEMANTIC.exec(version);
    if (match !== null) return match;
    throw new TemplateError(
      `Version comparison failed: invalid semantic version '${version}'`,
    );
  };
  const [left, right] = [parse(a), parse(b)];
  for (const at of [1, 2, 3]) {
    const difference = Number(left[at]) - Number(right[at]);
    if (difference !== 0) return difference;
  }
  if (left[4] === right[4]) return 0;
  if (left[4] === undefined) return 1;
  if (right[4] === undefined) return -1;
  const [x, y] = [left[4].split("."), right[4].split(".")];
  for (let at = 0; at < Math.min(x.length, y.length); at++) {
    const [p, q] = [x[at]!, y[at]!];
    if (p === q) continue;
    const [isNumber, isOther] = [/^\d+$/.test(p), /^\d+$/.test(q)];
    if (isNumber && isOther) return Number(p) - Number(q);
    if (isNumber !== isOther) return isNumber ? -1 : 1;
    return p < q ? -1 : 1;
  }
  return x.length - y.length;
}

const STRICT = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/;

function strictOrder(a: string, b: string): number {
  const key = (version: string) => {
    const match = STRICT.exec(version);
    if (match === null) {
      throw new TemplateError(
        `Version comparison failed: invalid version number '${version}'`,
      );
    }
    const [, major, minor, patch = "0", letter, number = "0"] = match;
    const stage = letter === undefined ? 2 : letter === "a" ? 0 : 1;
    return [major, minor, patch, stage, number].map(Number);
  };
  const [left, right] = [key(a), key(b)];
  const at = left.findIndex((part, at) => part !== right[at]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

function pythonOrder(a: string, b: string): number {
  const { compare, valid } = pep440.get();
  for (const version of [a, b]) {
    if (valid(version) !== null) continue;
    throw new TemplateError(
      `Version comparison failed: Invalid version: '${version}'`,
    );
  }
  return compare(a, b);
}

const ORDERS: Readonly<Record<string, (a: string, b: string) => number>> = {
  loose: looseOrder,
  strict: strictOrder,
  semver: semanticOrder,
  semantic: semanticOrder,
  pep440: pythonOrder,
};

const version: Test = [
  "version operator? strict? version_type?",
  (value, { args }) => {
    const { operator = "eq", strict, version_type: type } = args;
    if (strict !== undefined && strict !== null && type !== undefined) {
      throw new TemplateError(
        "Cannot specify both 'strict' and 'version_type'",
      );
    }
    const [left, right] = [toText(value), toText(args.version!)];
    if (left === "") {
      throw new TemplateError("Input version value cannot be empty");
    }
    if (right === "") {
      throw new TemplateError(
        "Version parameter to compare against cannot be empty",
      );
    }
    const name = toText(operator);
    const holds = OPERATORS[NAMES[name] ?? name];
    if (holds === undefined) {
      throw new TemplateError(`Invalid operator type (${name})`);
    }
    const kind = type !== undefined && type !== null
      ? toText(type)
      : isTrue(strict ?? false)
      ? "strict"
      : "loose";
    const order = ORDERS[kind];
    if (order === undefined) {
      throw new TemplateError(
        `Invalid version type (${reprOf(kind)}). Must be one of ${
          Object.keys(ORDERS).join(", ")
        }`,
      );
    }
    return holds(order(left, right));
  },
];

/** The tests of this file. */
export const VERSION_TESTS: Readonly<Record<string, Test>> = {
  version,
  version_compare: version,
};
