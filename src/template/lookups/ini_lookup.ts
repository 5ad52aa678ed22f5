// The lookup ini: values of options in a file of this machine, as Ansible finds them.
import { TemplateError } from "../template_error.ts";
import type { Lookup } from "../run/library_types.ts";
import type { Services } from "../run/services.ts";
import { isOn } from "../values/boolean_option.ts";
import { checkTextLength } from "../values/bounds.ts";
import { toText } from "../values/printed_text.ts";
import { WORD } from "../values/python_case.ts";
import type { Value } from "../values/template_value.ts";
import { usePattern } from "../values/use_pattern.ts";
import { fillIn, type IniSection, parsePythonIni } from "./python_ini.ts";

type Options = ReadonlyMap<string, Value>;

const OPTIONS = [
  "type",
  "file",
  "section",
  "re",
  "encoding",
  "default",
  "case_sensitive",
  "allow_no_value",
  "allow_none",
  "interpolation",
];

/**
 * Options of the file of a term, by Ansible's documentation of 2.22. Unknown ones are
 * errors, where Ansible ignores them.
 */
export const ini: Lookup = (terms, options, services) => {
  for (const name of options.keys()) checkOption(name);
  return terms.flatMap((term) => {
    const { key, own } = readTerm(toText(term));
    const query = readOptions(new Map([...options, ...own]));
    return find(key, query, services);
  });
};

/** What is looked up in which file. */
interface IniQuery {
  readonly file: string;
  readonly section: string;
  /** A properties file has no sections. */
  readonly isPlain: boolean;
  readonly fold: (option: string) => string;
  readonly allowsNoValue: boolean;
  /** Whether references in values are filled in. */
  readonly fillsIn: boolean;
  /** Whether the key is a pattern for names of options. */
  readonly isPattern: boolean;
  /** For an option that does not exist. */
  readonly instead: Value;
}

function readOptions(options: Options): IniQuery {
  const flag = (name: string, otherwise = false) =>
    isOn(options.get(name) ?? otherwise);
  const text = (name: string, otherwise: string) =>
    toText(options.get(name) ?? otherwise);
  checkChoices(text("type", "ini"), text("encoding", "utf-8"));
  const isPlain = text("type", "ini") === "properties";
  return {
    file: text("file", "ansible.ini"),
    section: isPlain ? "java_properties" : text("section", "global"),
    isPlain,
    fold: flag("case_sensitive")
      ? (option) => option
      : (option) => option.toLowerCase(),
    allowsNoValue: flag("allow_no_value") || flag("allow_none"),
    fillsIn: flag("interpolation", true),
    isPattern: flag("re"),
    instead: options.get("default") ?? "",
  };
}

function find(key: string, query: IniQuery, services: Services): Value[] {
  const { file, fold, fillsIn } = query;
  const { text, section } = inFile(file, () => openSection(query, services));
  const filled = (value: string) => {
    const made = fillsIn
      ? inFile(file, () => fillInBounded(value, { section, fold }, services))
      : value;
    services.controller.hidePart(text, made);
    return made;
  };
  if (query.isPattern) {
    return matching(key, section, services)
      .map((option) => section.get(option) ?? (fillsIn ? "" : null))
      .map((value) => value === null ? null : filled(value));
  }
  const value = section.get(fold(key));
  if (value === undefined) return query.instead === null ? [] : [query.instead];
  return value === null ? [] : [filled(value)];
}

/** The text of the file, and the section that is looked at. */
function openSection(
  { file, section: name, isPlain, fold, allowsNoValue }: IniQuery,
  { controller, bounds }: Services,
): { text: string; section: IniSection } {
  const text = controller.readFile(file, "files");
  if (text === undefined) throw new TemplateError("there is no such file");
  bounds.step(Math.ceil(text.length / 100));
  const first = isPlain ? name : undefined;
  const section = parsePythonIni(text, { fold, allowsNoValue, first }).get(
    name,
  );
  if (section !== undefined) return { text, section };
  throw new TemplateError(`it has no section '${name}'`);
}

function fillInBounded(
  value: string,
  where: { section: IniSection; fold: IniQuery["fold"] },
  { bounds }: Services,
): string {
  let length = value.length;
  return fillIn(value, {
    ...where,
    onReference(other) {
      bounds.step();
      checkTextLength(length += other.length);
    },
  });
}

function matching(
  pattern: string,
  section: IniSection,
  { bounds }: Services,
): string[] {
  const names = [...section.keys()];
  return usePattern(
    pattern,
    { anchor: "start" },
    bounds,
    (regex) => names.filter((name) => name.search(regex) >= 0),
  );
}

/** `user section=web file=users.ini`: options may be part of the term. */
function readTerm(term: string): { key: string; own: [string, Value][] } {
  if (!term.includes("=") && (term.match(WORD) ?? []).length < 2) {
    return { key: term, own: [] };
  }
  const parts = new Map<string, string>();
  let current = "key";
  for (const word of term.match(WORD) ?? []) {
    current = OPTIONS.findLast((name) => word.includes(`${name}=`)) ?? current;
    const before = parts.get(current);
    parts.set(current, before === undefined ? word : `${before} ${word}`);
  }
  let key: string | undefined;
  const own: [string, Value][] = [];
  for (const part of parts.values()) {
    const [name = "", value, ...more] = part.split("=");
    if (value === undefined) key ??= part;
    else if (more.length > 0) fail(`Could not use '${part}' from '${term}'`);
    else {
      checkOption(name);
      own.push([name, value]);
    }
  }
  if (key === undefined) fail(`'${term}' names no option to look up`);
  return { key, own };
}

function checkOption(name: string): void {
  if (!OPTIONS.includes(name)) fail(`'${name}' is not a valid option`);
}

function checkChoices(type: string, encoding: string): void {
  if (type !== "ini" && type !== "properties") {
    fail(`the type '${type}' is not ini or properties`);
  }
  if (!/^(?:utf-?8|(?:us-)?ascii)$/i.test(encoding)) {
    fail(`the encoding '${encoding}' is not UTF-8, which ftl reads`);
  }
}

function fail(why: string): never {
  throw new TemplateError(`lookup('ini'): ${why}`);
}

/** Names the file in errors. */
function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return fail(`Cannot use ${file}: ${error.reason}`);
  }
}
