// Files as Python's configparser reads them: sections of options, values of several
// lines, and references to other options (%(name)s).
import { TemplateError } from "../template_error.ts";
import { stripText } from "../values/python_case.ts";

/** How a file is read. */
export interface IniReading {
  /** The name of an option that counts: in lower case, or as it is. */
  readonly fold: (option: string) => string;
  /** Whether options may have no value. */
  readonly allowsNoValue: boolean;
  /** The section of what stands before all headers. Default: that is an error. */
  readonly first?: string | undefined;
}

/** Options by their names; null has no value. */
export type IniSection = ReadonlyMap<string, string | null>;

/** The section whose options all others have. */
const SHARED = "DEFAULT";
/** How deep references may lead to references, in Python too. */
const MAX_DEPTH = 10;

type Lines = string[] | null;

/**
 * Reads a file. Each section has the options of `[DEFAULT]`, too.
 *
 * @throws {TemplateError} with the line, when it is malformed or names a section or an
 *   option twice.
 */
export function parsePythonIni(
  text: string,
  reading: IniReading,
): ReadonlyMap<string, IniSection> {
  const sections = new Map<string, Map<string, Lines>>([[SHARED, new Map()]]);
  const seen = new Set<string>();
  const { first } = reading;
  let section: Map<string, Lines> | undefined;
  if (first !== undefined) sections.set(first, section = new Map());
  let option: string | undefined;
  let indent = 0;
  for (const [at, line] of text.split("\n").entries()) {
    const fail = (why: string): never => {
      throw new TemplateError(`line ${at + 1}: ${why}`);
    };
    const content = stripText(line, "both");
    const current = option === undefined ? null : section!.get(option)!;
    if (/^[#;]/.test(content)) continue;
    if (content === "") {
      current?.push("");
      continue;
    }
    const margin = line.length - stripText(line, "left").length;
    if (option !== undefined && margin > indent) {
      if (current === null) fail(`'${option}' has no value to go on with`);
      current!.push(content);
      continue;
    }
    indent = margin;
    const name = /^\[(.+)\]/.exec(content)?.[1];
    if (name !== undefined) {
      if (seen.has(name)) fail(`the section '${name}' is there twice`);
      if (name !== SHARED) seen.add(name);
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      option = undefined;
      continue;
    }
    if (section === undefined) fail("it is in no section");
    const end = content.search(/[=:]/);
    if (end === 0 || (end < 0 && !reading.allowsNoValue)) {
      fail("it is not an option with a value");
    }
    option = reading.fold(
      end < 0 ? content : stripText(content.slice(0, end), "right"),
    );
    if (section!.has(option)) fail(`the option '${option}' is there twice`);
    const value = stripText(content.slice(end + 1), "left");
    section!.set(option, end < 0 ? null : [value]);
  }
  const shared = sections.get(SHARED)!;
  return new Map(Array.from(sections, ([name, own]) => {
    const all = [...shared, ...own].map(([key, lines]) =>
      [key, lines && stripText(lines.join("\n"), "right")] as const
    );
    return [name, new Map(all)];
  }));
}

/**
 * A value with its references filled in.
 *
 * @param onReference Called with the value of each of them.
 * @throws {TemplateError} when one is malformed, unknown or leads too deep.
 */
export function fillIn(
  value: string,
  { section, fold, onReference, depth = 1 }: {
    section: IniSection;
    fold: IniReading["fold"];
    onReference: (value: string) => void;
    depth?: number;
  },
): string {
  if (depth > MAX_DEPTH) {
    throw new TemplateError("references lead to each other, or too deep");
  }
  return value.replace(/%(?:%|\(([^)]+)\)s|)/g, (found, name) => {
    if (found === "%%") return "%";
    if (name === undefined) {
      throw new TemplateError("'%' must be followed by '%' or '(name)s'");
    }
    const other = section.get(fold(name)) ?? null;
    if (other === null) {
      throw new TemplateError(
        `a value refers to '${name}', which has no value`,
      );
    }
    onReference(other);
    return fillIn(other, { section, fold, onReference, depth: depth + 1 });
  });
}
