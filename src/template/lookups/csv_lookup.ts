// The lookup csvfile: a column of the first row of a file whose key column holds a key,
// as Ansible finds it.
import { TemplateError } from "../template_error.ts";
import type { Lookup } from "../run/library_types.ts";
import type { Services } from "../run/services.ts";
import { toInteger } from "../values/numbers.ts";
import { toText } from "../values/printed_text.ts";
import type { Value } from "../values/template_value.ts";
import { parsePythonCsv } from "./python_csv.ts";

const DEFAULTS: Readonly<Record<string, Value>> = {
  col: 1n,
  default: null,
  delimiter: "TAB",
  encoding: "utf-8",
  file: "ansible.csv",
  keycol: 0n,
};

/** A word of a term: `file="hosts of web.csv"`, or a part of the key. */
const WORD = /(?:(\w+)=)?("[^"]*"|'[^']*'|\S+)/g;

/**
 * Options may be part of a term. Unknown ones are errors, where Ansible ignores them,
 * and so is an encoding other than UTF-8.
 */
export const csvfile: Lookup = (terms, options, services) => {
  for (const name of options.keys()) checkOption(name);
  return terms.flatMap((term) => {
    const { key, own } = readTerm(toText(term));
    const query = new Map([...options, ...own]);
    const found = find(key, (name) => query.get(name) ?? null, services);
    return found === null ? [] : [found];
  });
};

function find(
  key: string,
  option: (name: string) => Value,
  { controller, bounds }: Services,
): Value {
  const read = (name: string) => option(name) ?? DEFAULTS[name]!;
  const path = toText(read("file"));
  if (!/^utf-?8$/i.test(toText(read("encoding")))) {
    fail(`the encoding '${toText(read("encoding"))}' is not UTF-8`);
  }
  const delimiter = toText(read("delimiter"));
  const separator = delimiter === "TAB" ? "\t" : delimiter;
  if ([...separator].length !== 1) {
    fail(`the delimiter '${delimiter}' is not one character`);
  }
  const text = controller.readFile(path, "files");
  if (text === undefined) return fail(`there is no file ${path}`);
  bounds.step(Math.ceil(text.length / 100));
  const at = (row: readonly string[], name: string) => {
    const column = Number(toInteger(read(name)));
    return row.at(column) ??
      fail(`a row of ${path} has ${row.length} columns: ${name} is ${column}`);
  };
  for (const row of parsePythonCsv(text, separator)) {
    if (at(row, "keycol") !== key) continue;
    const value = at(row, "col");
    controller.hidePart(text, value);
    return value;
  }
  return option("default");
}

/** `web1 file=hosts.csv delimiter=,` */
function readTerm(term: string): { key: string; own: [string, Value][] } {
  const words: string[] = [];
  const own: [string, Value][] = [];
  for (const [, name, quoted = ""] of term.matchAll(WORD)) {
    const value = quoted.replace(/^(["'])(.*)\1$/, "$2");
    if (name === undefined) words.push(value);
    else {
      checkOption(name);
      own.push([name, value]);
    }
  }
  if (words.length === 0) fail(`'${term}' names no key to look up`);
  return { key: words.join(" "), own };
}

function checkOption(name: string): void {
  if (!Object.hasOwn(DEFAULTS, name)) fail(`'${name}' is not a valid option`);
}

function fail(why: string): never {
  throw new TemplateError(`lookup('csvfile'): ${why}`);
}
