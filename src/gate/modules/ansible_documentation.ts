// A module's documentation as data: Ansible's DOCUMENTATION, EXAMPLES and
// RETURN, which are YAML in many shapes
// (docs.ansible.com, "Module format and documentation"). Pure.
import type { ReadingOptions } from "../../inventory/format/document.ts";
import { parseYaml } from "../../inventory/format/yaml.ts";
import { parsePlainYaml } from "../../inventory/format/yaml_plain.ts";
import { UnsafeText, VaultValue } from "../../inventory/secret_value.ts";

/** A parameter of a module. */
export interface Parameter {
  readonly name: string;
  /** `str` when the documentation gives no type. */
  readonly type: string;
  /** The type of a list's elements. */
  readonly elements?: string;
  readonly isRequired: boolean;
  /** Absent for a parameter without a default. */
  readonly default?: unknown;
  readonly choices: readonly unknown[];
  readonly aliases: readonly string[];
  readonly description: readonly string[];
  /** The members of a `dict`, or of the elements of a list of them. */
  readonly parameters: readonly Parameter[];
}

/** A value that a module returns. */
export interface ReturnValue {
  readonly name: string;
  readonly type: string;
  /** When it is returned: `always`, `on success`. */
  readonly returned: string;
  readonly description: readonly string[];
  readonly sample?: unknown;
  readonly values: readonly ReturnValue[];
}

/** The documentation of a module. Text is unchanged, with its markup. */
export interface Documentation {
  readonly summary: string;
  readonly description: readonly string[];
  readonly parameters: readonly Parameter[];
  /** What it supports: `check_mode: full`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly requirements: readonly string[];
  readonly notes: readonly string[];
  readonly author: readonly string[];
  readonly versionAdded?: string;
  /** Why it should no longer be used. */
  readonly deprecated?: string;
  /** YAML, unchanged. */
  readonly examples?: string;
  readonly returns: readonly ReturnValue[];
}

/** The top level of a YAML document, or one of its members. */
export type Section = ReadonlyMap<string, unknown>;

/** The longest YAML text that is parsed, in characters. */
const MAX_TEXT = 1024 * 1024;
/** How deep its values may be nested. */
const MAX_LEVELS = 100;
const TOO_DEEP = `its YAML is nested more than ${MAX_LEVELS} levels deep`;

/**
 * Reads a YAML text as a mapping; any other document is read as an empty one.
 *
 * @throws {SyntaxError} when it is not YAML, too long, or nested too deeply.
 */
export function readSection(text: string): Section {
  if (text.length > MAX_TEXT) {
    throw new SyntaxError("its YAML is longer than 1 MiB");
  }
  const file = { text, file: "YAML" };
  const document = parsePlainYaml(file, READING) ?? parseYaml(file, READING);
  const value = toMaps(document.value(), 0);
  return toSection(value);
}

/** Warnings about the YAML are for the module's author. */
const READING: ReadingOptions = {
  warn: () => {},
  fault: ({ line, column }, problem, options) => {
    const where = line === 0 ? "" : ` in line ${line}, column ${column}`;
    return new SyntaxError(
      `its YAML is not valid${where}: ${problem}`,
      options,
    );
  },
};

/** Makes Maps of objects, whose keys have an order. */
function toMaps(value: unknown, levels: number): unknown {
  if (levels > MAX_LEVELS) throw new SyntaxError(TOO_DEEP);
  if (value instanceof UnsafeText) return value.text;
  if (value instanceof VaultValue) return undefined;
  if (Array.isArray(value)) {
    return value.map((each) => toMaps(each, levels + 1));
  }
  if (typeof value !== "object" || value === null) return value;
  return new Map(
    Object.entries(value).map(([key, each]) => [key, toMaps(each, levels + 1)]),
  );
}

/** The names of the fragments that a DOCUMENTATION extends. */
export function fragmentsOf(documentation: Section): string[] {
  return toTexts(documentation.get("extends_documentation_fragment"))
    .flatMap((names) => names.split(/,\s*/)).filter(Boolean);
}

/**
 * Adds a fragment to a DOCUMENTATION. Where both describe the same thing, the
 * module's own members win.
 */
export function addFragment(module: Section, fragment: Section): Section {
  const merged = new Map(module);
  for (const key of ["options", "attributes"]) {
    const own = toSection(module.get(key));
    const options = new Map(own);
    for (const [name, other] of toSection(fragment.get(key))) {
      const both = new Map([...toSection(other), ...toSection(own.get(name))]);
      options.set(name, both);
    }
    if (options.size > 0) merged.set(key, options);
  }
  for (const key of ["notes", "requirements", "seealso"]) {
    const all = [...toList(fragment.get(key)), ...toList(module.get(key))];
    if (all.length > 0) merged.set(key, all);
  }
  return merged;
}

/** Makes a Documentation of DOCUMENTATION, EXAMPLES and RETURN. */
export function toDocumentation(
  module: Section,
  parts: { examples?: string | undefined; returns?: Section | undefined },
): Documentation {
  const deprecated = toSection(module.get("deprecated"));
  const versionAdded = toText(module.get("version_added"));
  const examples = parts.examples?.replace(/^\s*\n/, "").trimEnd();
  return {
    summary: toText(module.get("short_description")) ?? "",
    description: toTexts(module.get("description")),
    parameters: toParameters(module.get("options")),
    attributes: Object.fromEntries(
      [...toSection(module.get("attributes"))].map(([name, attribute]) => [
        name,
        toText(toSection(attribute).get("support")) ?? "",
      ]).filter(([, support]) => support !== ""),
    ),
    requirements: toTexts(module.get("requirements")),
    notes: toTexts(module.get("notes")),
    author: toTexts(module.get("author")),
    ...(versionAdded && { versionAdded }),
    ...(deprecated.size > 0 && {
      deprecated: [
        toText(deprecated.get("why")),
        toText(deprecated.get("alternative") ?? deprecated.get("alternatives")),
      ].filter(Boolean).join(" "),
    }),
    ...(examples && { examples }),
    returns: toReturns(parts.returns),
  };
}

function toParameters(options: unknown): Parameter[] {
  return [...toSection(options)].map(([name, value]): Parameter => {
    const option = toSection(value);
    const elements = toText(option.get("elements"));
    const choices = option.get("choices");
    return {
      name,
      type: toText(option.get("type")) ?? "str",
      ...(elements && { elements }),
      isRequired: option.get("required") === true,
      ...(isGiven(option.get("default")) &&
        { default: toPlain(option.get("default")) }),
      choices: choices instanceof Map ? [...choices.keys()] : toList(choices),
      aliases: toTexts(option.get("aliases")),
      description: toTexts(option.get("description")),
      parameters: toParameters(option.get("suboptions")),
    };
  }).sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

function toReturns(values: unknown): ReturnValue[] {
  return [...toSection(values)].map(([name, member]): ReturnValue => {
    const value = toSection(member);
    const sample = value.get("sample");
    return {
      name,
      type: toText(value.get("type")) ?? "",
      returned: toText(value.get("returned")) ?? "",
      description: toTexts(value.get("description")),
      ...(isGiven(sample) && { sample: toPlain(sample) }),
      values: toReturns(value.get("contains")),
    };
  });
}

function toSection(value: unknown): Section {
  if (!(value instanceof Map)) return new Map();
  return new Map([...value].map(([key, member]) => [String(key), member]));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function toList(value: unknown): unknown[] {
  if (!isGiven(value)) return [];
  return Array.isArray(value) ? value : [value];
}

function toText(value: unknown): string | undefined {
  if (!isGiven(value)) return undefined;
  if (Array.isArray(value)) return toTexts(value).join(" ");
  return value instanceof Map ? undefined : String(value);
}

function toTexts(value: unknown): string[] {
  return toList(value).map((each) =>
    each instanceof Map
      ? [...each].map(([key, member]) => `${key}: ${toText(member) ?? ""}`)
        .join(", ")
      : String(each)
  );
}

/** Converts Maps to objects, so that the value survives JSON. */
function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries(
    [...value].map(([key, member]) => [String(key), toPlain(member)]),
  );
}
