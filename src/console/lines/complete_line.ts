// Completes a line: finds which kind of word is at its end, and lists the
// candidates. Pure, except that its source may take time to answer.
import type { Parameter } from "../../gate/modules/ansible_documentation.ts";
import { FORMATS } from "../../output/renderer.ts";
import { COLUMNS } from "../../output/table_renderer.ts";
import { escapeLine } from "../../output/escape.ts";
import { STATUSES } from "../../core/call/call.ts";
import { continues } from "./line.ts";
import { findWord, type Operand, WORDS } from "./words.ts";

/** Where candidates come from. */
export interface CompletionSource {
  readonly hosts: Iterable<string>;
  readonly groups: Iterable<string>;
  modules(): Promise<readonly string[]>;
  /** The parameters of a module; empty when they are unknown. */
  parameters(module: string): Promise<readonly Parameter[]>;
  /** Files and folders (which end in `/`) whose path starts with `prefix`. */
  files(prefix: string): Promise<readonly string[]>;
}

/** The word at the end of a line, and its kind. */
export type Query =
  & { readonly typed: string }
  & (
    | { readonly kind: Operand | "columns" }
    | {
      readonly kind: "argument";
      readonly module: string;
      /** Arguments that are already on the line. */
      readonly given: readonly string[];
    }
    | { readonly kind: "value"; readonly module: string; readonly key: string }
  );

/** The completions of `typed`, the end of the line. */
export interface Completion {
  readonly typed: string;
  /** Each starts with `typed`; a complete word ends with a space. */
  readonly matches: readonly string[];
}

/** When more names match, they are completed one part at a time. */
const MAX_NAMES = 100;

/** Completes a line up to the cursor. */
export async function complete(
  line: string,
  source: CompletionSource,
): Promise<Completion> {
  const query = queryAt(line);
  const { typed } = query;
  const all = await candidates(query, source);
  // They are printed unescaped: none may contain control characters.
  const matches = all.filter((match) =>
    match.startsWith(typed) && escapeLine(match) === match
  );
  return {
    typed,
    matches: query.kind === "module" ? partByPart(matches, typed) : matches,
  };
}

/** Finds the word at the end of a line, and its kind. */
export function queryAt(line: string): Query {
  const text = line.trimStart();
  const [first = "", rest] = splitFirst(text);
  if (text.startsWith("#")) return NOTHING;
  if (text.startsWith("!")) return queryOfFreeText(lastWord(text.slice(1)));
  if (rest === undefined) {
    if (first.startsWith(":")) return { kind: "word", typed: first };
    return { kind: first.includes("/") ? "file" : "module", typed: first };
  }
  if (first.startsWith(":")) return queryOfWord(first.slice(1), rest);
  return queryOfArgument(first, rest);
}

const NOTHING: Query = { kind: "nothing", typed: "" };

/** Completes paths only: many exist both here and on the hosts. */
function queryOfFreeText(typed: string): Query {
  return /^~?[.\w-]*\//.test(typed) ? { kind: "file", typed } : NOTHING;
}

function splitFirst(text: string): [first: string, rest: string | undefined] {
  const [, first = "", rest] = /^(\S*)(?:\s+([^]*))?$/.exec(text) ?? [];
  return [first, rest];
}

function queryOfWord(name: string, rest: string): Query {
  const { operand } = knownWord(name);
  const typed = lastWord(rest);
  if (operand === "pattern") {
    const [term = ""] = /@?[^,:&!\s]*$/.exec(typed) ?? [];
    const last = /@last:[a-z_]*$/.exec(typed)?.[0];
    if (last !== undefined) return { kind: "pattern", typed: last };
    return term.startsWith("@") && !"@last".startsWith(term)
      ? { kind: "file", typed: term.slice(1) }
      : { kind: "pattern", typed: term };
  }
  if (operand === "format" && /^table\s/.test(rest)) {
    return { kind: "columns", typed };
  }
  if (/\s/.test(rest)) return NOTHING;
  if (operand === "word") return { kind: "word", typed: typed || ":" };
  return { kind: operand, typed };
}

function knownWord(name: string): { operand: Operand } {
  try {
    return findWord(name);
  } catch {
    return { operand: "nothing" }; // running the line reports the error
  }
}

function queryOfArgument(module: string, rest: string): Query {
  // Quoted text is free text.
  if (continues(`m ${rest}`) === "quote") return NOTHING;
  const typed = lastWord(rest);
  const [, key, sign, value = ""] =
    /^([A-Za-z_][\w.-]*?)(:secret=|:=|=)([^]*)$/.exec(typed) ?? [];
  if (key === undefined) {
    if (typed.startsWith("@")) return { kind: "file", typed: typed.slice(1) };
    if (typed.includes("/")) return queryOfFreeText(typed);
    const given = [...rest.matchAll(/(?:^|\s)([\w.-]+)(?::secret=|:?=)/g)]
      .map((match) => match[1]!);
    return { kind: "argument", typed, module, given };
  }
  if (sign === ":secret=") {
    return { kind: "file", typed: value.replace(/^@/, "") };
  }
  return { kind: "value", typed: value, module, key };
}

function lastWord(text: string): string {
  return /\S*$/.exec(text)![0];
}

async function candidates(
  query: Query,
  source: CompletionSource,
): Promise<string[]> {
  switch (query.kind) {
    case "word":
      return WORDS.map(({ name, operand }) =>
        `:${name}${operand === "nothing" ? "" : " "}`
      );
    case "pattern":
      return [
        ...source.groups,
        ...source.hosts,
        ...query.typed.startsWith("@")
          ? ["@last", ...STATUSES.map((status) => `@last:${status}`)]
          : [],
      ];
    case "host":
      return [...source.hosts].map(asWord);
    case "module":
      return (await source.modules()).map(asWord);
    case "file":
      return await filesOf(source, query.typed);
    case "switch":
      return ["on", "off"];
    case "format":
      return FORMATS.map(asWord);
    case "columns": {
      const before = query.typed.slice(0, query.typed.lastIndexOf(",") + 1);
      return COLUMNS.map((column) => before + column);
    }
    case "argument":
      return namesLeft(await source.parameters(query.module), query);
    case "value": {
      const parameter = named(query.key, await source.parameters(query.module));
      return parameter?.type === "path"
        ? await filesOf(source, query.typed)
        : parameter
        ? choicesOf(parameter, query.typed)
        : [];
    }
    case "nothing":
    case "text":
      return [];
  }
}

function asWord(text: string): string {
  return `${text} `;
}

function namesLeft(
  parameters: readonly Parameter[],
  { typed, given }: { typed: string; given: readonly string[] },
): string[] {
  return parameters.flatMap(({ name, aliases }) => {
    if ([name, ...aliases].some((each) => given.includes(each))) return [];
    const match = name.startsWith(typed)
      ? name
      : aliases.find((alias) => alias.startsWith(typed));
    return match === undefined ? [] : [`${match}=`];
  });
}

async function filesOf(
  source: CompletionSource,
  typed: string,
): Promise<string[]> {
  return (await source.files(typed))
    .map((path) => path.endsWith("/") ? path : asWord(path));
}

function named(
  key: string,
  parameters: readonly Parameter[],
): Parameter | undefined {
  return parameters.find(({ name, aliases }) =>
    name === key || aliases.includes(key)
  );
}

function choicesOf({ choices, type }: Parameter, typed: string): string[] {
  if (choices.length === 0 && type === "bool") {
    // `yes` and `no` only when the value starts that way.
    return (/^[yn]/.test(typed) ? ["yes", "no"] : ["true", "false"])
      .map(asWord);
  }
  const words = choices.filter((choice) => choice !== null).map(String);
  if (type !== "list") return words.map(asWord);
  const before = typed.slice(0, typed.lastIndexOf(",") + 1);
  return words.map((word) => before + word);
}

/** Completes the thousands of names in collections one part at a time. */
function partByPart(matches: readonly string[], typed: string): string[] {
  if (matches.length <= MAX_NAMES) return [...matches];
  return [
    ...new Set(matches.map((match) => {
      const dot = match.indexOf(".", typed.length);
      return dot < 0 ? match : match.slice(0, dot + 1);
    })),
  ];
}
