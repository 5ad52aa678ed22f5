// A module's arguments as people write them: words of the command line, which
// the shell has split, or one text, which follows Ansible's rules. When a word
// is wrong, the error names it, and never its value.
import { parseUntrustedJson } from "../../protocol/untrusted_json.ts";
import { alreadyIn } from "../../inventory/format/document.ts";
import { repeatedKeys } from "../../json/repeated_keys.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import { type DataReading, readArguments } from "./argument_file.ts";
import { quoteWord } from "../shell/shell_words.ts";
import { readKeyValue, strip, unquote } from "./key_value.ts";
import { joinArguments, splitArguments } from "./split_arguments.ts";

/** Arguments, and the names of those that must not be shown. */
export interface Arguments {
  args: JsonObject;
  secrets: string[];
  /** Names of arguments that are not templates, whatever they hold. */
  literal: string[];
}

/** What parsing may need besides the words. */
export interface ArgumentOptions extends DataReading {
  /** Reads the file of `@FILE` and `KEY:secret=@FILE`; `-` is stdin. */
  readText: (path: string) => Promise<string>;
  /** Modules whose other words are one free-form argument (`_raw_params`). */
  module?: string | undefined;
}

/** Modules that take free form, and the names they keep for themselves. */
const FREE_FORM = new Map([
  [
    "command",
    "argv chdir creates expand_argument_vars executable removes " +
    "stdin stdin_add_newline strip_empty_ends",
  ],
  [
    "shell",
    "chdir creates executable removes stdin stdin_add_newline " +
    "strip_empty_ends",
  ],
  ["raw", "executable"],
  ["script", "chdir cmd creates decrypt executable removes"],
].map(([name, own]) => [name!, new Set(own!.split(" "))]));

const WORD = /^([A-Za-z_][\w.-]*?)(:secret=|:raw=|:=|=)([^]*)$/;

/** One word, read: an argument, a file of arguments, or part of the free form. */
type Item =
  | { readonly key: string; readonly sign: string; readonly value: string }
  | { readonly file: string }
  | { readonly free: string };

/**
 * Arguments from words that a shell has split: `KEY=VALUE` is a string, taken
 * literally after the first `=`; `KEY:=JSON` a value; `KEY:raw=VALUE` a string
 * that is never a template; `KEY:secret=@FILE` the text of a file, masked
 * wherever it would be shown; `@FILE` an object in YAML or JSON. Later words win. For `command`, `shell`, `raw` and `script`, all but
 * their own options is the free form: one word as it is, several as the shell
 * had them.
 *
 * @throws {SyntaxError} when a word cannot be read.
 */
export async function parseArguments(
  words: readonly string[],
  options: ArgumentOptions,
): Promise<Arguments> {
  const module = bareName(options.module);
  const own = FREE_FORM.get(module);
  const mustQuote = words.length > 1 && module === "command";
  const items = words.map((word): Item => {
    const [, key, sign, value] = WORD.exec(word) ?? [];
    if (key !== undefined && (own?.has(key) ?? true)) {
      return { key, sign: sign!, value: value! };
    }
    if (own === undefined && word.startsWith("@")) {
      return { file: word.slice(1) };
    }
    return { free: mustQuote ? quoteWord(word) : word };
  });
  return await collect(items, { options, join: (free) => free.join(" ") });
}

/**
 * Arguments from one text, as `-a` and the console take it: a JSON object, or
 * words in Ansible's syntax (`split_arguments.ts`, `key_value.ts`), and those
 * that only ftl has: `KEY:=JSON`, `KEY:raw=VALUE`, `KEY:secret=@FILE`, `@FILE`. A command stays
 * as it is written.
 *
 * @throws {SyntaxError} when a word cannot be read, or a quote is not closed.
 */
export async function parseArgumentText(
  text: string,
  options: ArgumentOptions,
): Promise<Arguments> {
  const own = FREE_FORM.get(bareName(options.module));
  if (isObject(text.trim(), { isCommand: own !== undefined })) {
    return await readArguments({ file: "-a", text }, options);
  }
  const items = splitArguments(text).map((word) => readWord(word, own));
  return await collect(items, { options, join: joinArguments });
}

/** Whether a text is an object; a command may start with `{` too. */
function isObject(
  text: string,
  { isCommand }: { isCommand: boolean },
): boolean {
  if (!text.startsWith("{")) return false;
  try {
    if (isCommand) parseUntrustedJson(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads a word of the text; `own`: the options of a module with free form. */
function readWord(word: string, own: ReadonlySet<string> | undefined): Item {
  const text = strip(word);
  const [, key, sign, json] = WORD.exec(text) ?? [];
  if (key !== undefined && sign !== "=" && (own?.has(key) ?? true)) {
    if (sign === ":=") return { key, sign, value: unquoteJson(json!) };
    const pair = readKeyValue(text, { isCommand: false });
    return { key, sign: sign!, value: "value" in pair ? pair.value : "" };
  }
  const file = unquote(text);
  if (own === undefined && file.startsWith("@")) {
    return { file: unquote(file.slice(1)) };
  }
  const pair = readKeyValue(word, { isCommand: own !== undefined });
  if ("free" in pair) return pair;
  if (own === undefined && /^["']/.test(pair.key)) {
    throw new SyntaxError(
      `Cannot read the argument ${pair.key.slice(1)}: the quote is before ` +
        "the name; quote the value alone",
    );
  }
  return { key: pair.key, sign: "=", value: pair.value };
}

/** JSON keeps its own double quotes; single quotes protect its spaces. */
function unquoteJson(text: string): string {
  return text.startsWith("'") ? unquote(text) : text;
}

async function collect(
  items: readonly Item[],
  { options, join }: {
    options: ArgumentOptions;
    join: (free: readonly string[]) => string;
  },
): Promise<Arguments> {
  const takesFree = FREE_FORM.has(bareName(options.module));
  const args = new Map<string, Json>();
  const secrets: string[] = [];
  const literal = new Set<string>();
  const free: string[] = [];
  for (const item of items) {
    if ("key" in item) {
      if (item.sign === ":secret=") secrets.push(item.key);
      if (item.sign === ":secret=" || item.sign === ":raw=") {
        literal.add(item.key);
      } else literal.delete(item.key);
      args.set(item.key, await parseValue(item, options));
    } else if ("file" in item) {
      const { file } = item;
      const text = await options.readText(file);
      const members = await readArguments({ file, text }, options);
      for (const [key, value] of Object.entries(members.args)) {
        args.set(key, value);
        literal.delete(key);
      }
      for (const secret of members.secrets) secrets.push(secret);
      for (const key of members.literal) literal.add(key);
    } else if (takesFree) {
      free.push(item.free);
    } else if (strip(item.free) !== "") {
      throw new SyntaxError(
        `Cannot read the argument "${strip(item.free)}": it is not ` +
          "KEY=VALUE, KEY:=JSON or @FILE",
      );
    }
  }
  if (free.length > 0) args.set("_raw_params", join(free));
  return { args: Object.fromEntries(args), secrets, literal: [...literal] };
}

/** A module's name without the collection that Ansible's own are in. */
function bareName(module: string | undefined): string {
  return module?.replace(/^ansible\.(builtin|legacy)\./, "") ?? "";
}

async function parseValue(
  { key, sign, value }: { key: string; sign: string; value: string },
  options: ArgumentOptions,
): Promise<Json> {
  if (sign === "=" || sign === ":raw=") return value;
  if (sign === ":=") return parseText(value, key, options);
  if (!value.startsWith("@")) {
    throw new SyntaxError(
      `Cannot read the argument ${key}: a secret comes from a file, ` +
        `${key}:secret=@FILE, so that it is not seen among the processes`,
    );
  }
  return (await options.readText(value.slice(1))).replace(/\r?\n$/, "");
}

function parseText(
  text: string,
  where: string,
  { onWarning = () => {} }: DataReading,
): Json {
  try {
    const value = parseUntrustedJson(text);
    for (const { key, earlierLine } of repeatedKeys(text)) {
      onWarning(`${where}: ${alreadyIn(key, earlierLine)}`);
    }
    return value;
  } catch (error) {
    throw new SyntaxError(`Cannot read the JSON of ${where}: it is not valid`, {
      cause: error,
    });
  }
}
