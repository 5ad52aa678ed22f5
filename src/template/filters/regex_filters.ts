// regex_replace, regex_search, regex_findall, regex_escape, and the tests match,
// search and regex.
import { TemplateError } from "../template_error.ts";
import type { Filter, Test } from "../run/library_types.ts";
import type { Bound } from "../values/bind_arguments.ts";
import {
  type Bounds,
  checkListLength,
  checkTextLength,
} from "../values/bounds.ts";
import { isTrue } from "../values/compare.ts";
import { toCount } from "../values/numbers.ts";
import {
  escapeRegex,
  expandTemplate,
  type RegexFlags,
} from "../values/python_regex.ts";
import { toText } from "../values/printed_text.ts";
import { usePattern } from "../values/use_pattern.ts";
import { Tuple, type Value } from "../values/template_value.ts";

function flagsOf({ ignorecase, multiline }: Bound): RegexFlags {
  return {
    ignorecase: isTrue(ignorecase ?? false),
    multiline: isTrue(multiline ?? false),
  };
}

const replace: Filter = [
  "pattern? replacement? ignorecase? multiline? count? mandatory_count?",
  (value, { args }, { bounds }) => {
    const { pattern = "", replacement = "", count } = args;
    const text = toText(value);
    const template = toText(replacement);
    const most = count === undefined ? 0 : toCount(count);
    let done = 0;
    let length = text.length;
    const replaceOne = (...match: unknown[]) => {
      if (most > 0 && done >= most) return match[0] as string;
      done++;
      const made = expandTemplate(template, matchOf(match));
      length += made.length;
      checkTextLength(length);
      return made;
    };
    return usePattern(
      toText(pattern),
      flagsOf(args),
      bounds,
      (regex) => text.replace(regex, replaceOne),
    );
  },
];

/** The groups that `String.replace` gives a function, as `exec` gives them. */
function matchOf(parts: unknown[]): RegExpMatchArray {
  const hasGroups = typeof parts.at(-1) === "object";
  const groups = parts.slice(0, hasGroups ? -3 : -2) as RegExpMatchArray;
  if (hasGroups) {
    groups.groups = parts.at(-1) as Record<string, string>;
  }
  return groups;
}

const search: Filter = ["regex *", (value, call, { bounds }) => {
  const { args, rest, named } = call;
  const text = toText(value);
  const match = usePattern(
    toText(args.regex!),
    flagsOf(Object.fromEntries(named)),
    bounds,
    (regex) => regex.exec(text),
  );
  if (match === null) return null;
  if (rest.length === 0) return match[0];
  return rest.map((group): Value => {
    const [, name, number] = /^\\(?:g<(\w+)>|(\d+))$/.exec(toText(group)) ?? [];
    const found = number ??
      (name !== undefined && /^\d+$/.test(name) ? name : undefined);
    if (found !== undefined && Number(found) < match.length) {
      return match[Number(found)] ?? null;
    }
    if (name !== undefined && name in (match.groups ?? {})) {
      return match.groups![name] ?? null;
    }
    throw new TemplateError(
      found === undefined && name === undefined
        ? "Unknown argument"
        : "no such group",
    );
  });
}];

const findAll: Filter = [
  "regex multiline? ignorecase?",
  (value, { args }, { bounds }) => {
    const text = toText(value);
    const take = (regex: RegExp) => {
      const found: Value[] = [];
      for (const match of text.matchAll(regex)) {
        found.push(foundBy(match));
        checkListLength(found.length);
      }
      return found;
    };
    return usePattern(toText(args.regex!), flagsOf(args), bounds, take);
  },
];

/** A match as `re.findall` gives it: whole, or its groups. */
function foundBy(match: RegExpMatchArray): Value {
  if (match.length === 1) return match[0];
  const groups = match.slice(1).map((group) => group ?? "");
  return groups.length === 1 ? groups[0]! : Tuple.make(groups);
}

/** The filters of this file. */
export const REGEX_FILTERS: Readonly<Record<string, Filter>> = {
  regex_replace: replace,
  regex_search: [`${search[0]} **`, search[1]],
  regex_findall: findAll,
  regex_escape: ["re_type?", (value, { args }) => {
    const text = toText(value);
    return toText(args.re_type ?? "python") === "posix_basic"
      ? text.replace(/[\].[^$*\\]/g, "\\$&")
      : escapeRegex(text);
  }],
};

function matches(
  value: Value,
  { args, kind, bounds }: {
    args: Bound;
    kind: "match" | "search" | "fullmatch";
    bounds: Bounds;
  },
): boolean {
  const text = toText(value);
  const flags = {
    ...flagsOf(args),
    ...(kind === "search"
      ? {}
      : { anchor: kind === "match" ? "start" as const : "whole" as const }),
  };
  return usePattern(
    toText(args.pattern ?? ""),
    flags,
    bounds,
    (regex) => regex.test(text),
  );
}

/** The tests of this file. */
export const REGEX_TESTS: Readonly<Record<string, Test>> = {
  match: [
    "pattern? ignorecase? multiline?",
    (value, { args }, { bounds }) =>
      matches(value, { args, kind: "match", bounds }),
  ],
  search: [
    "pattern? ignorecase? multiline?",
    (value, { args }, { bounds }) =>
      matches(value, { args, kind: "search", bounds }),
  ],
  regex: [
    "pattern? ignorecase? multiline? match_type?",
    (value, { args }, { bounds }) => {
      const kind = toText(args.match_type ?? "search");
      if (kind === "match" || kind === "search" || kind === "fullmatch") {
        return matches(value, { args, kind, bounds });
      }
      throw new TemplateError(`Invalid match_type '${kind}'`);
    },
  ],
};
