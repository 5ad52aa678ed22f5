// A module's arguments as people write them: words of the command line or of
// the console. Where a word is wrong, the error names it, and never its value.
import { parseUntrustedJson } from "../../protocol/untrusted_json.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import { quoteWord, type ShellWord, splitWords } from "../shell/shell_words.ts";

/** Arguments, and the names of those that must not be shown. */
export interface Arguments {
  args: JsonObject;
  secrets: string[];
}

/** What parsing may need besides the words. */
export interface ArgumentOptions {
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
  ["shell", "chdir creates executable removes stdin stdin_add_newline"],
  ["raw", "executable"],
  ["script", "chdir cmd creates decrypt executable removes"],
].map(([name, own]) => [name!, new Set(own!.split(" "))]));

const WORD = /^([A-Za-z_][\w.-]*?)(:secret=|:=|=)([^]*)$/;

/**
 * Arguments from words: `KEY=VALUE` is a string, `KEY:=JSON` a value,
 * `KEY:secret=@FILE` the text of a file, masked wherever it would be shown,
 * `@FILE` an object in YAML or JSON. Later words win. For `command`, `shell`,
 * `raw` and `script`, what is none of their own names is the free form: one
 * word as it is, several as the shell had them.
 *
 * @throws {SyntaxError} when a word is none of these.
 */
export async function parseArguments(
  words: readonly string[],
  options: ArgumentOptions,
): Promise<Arguments> {
  const quoting = words.length > 1 && bareName(options.module) === "command";
  return await parseWords(
    words.map((text) => ({ text, raw: quoting ? quoteWord(text) : text })),
    options,
  );
}

/**
 * Arguments from one text, as `-a` and the console take it: a JSON object, or
 * words quoted as for a shell. Free form stays as it is written.
 *
 * @throws {SyntaxError} when a word cannot be read, or a quote is not closed.
 */
export async function parseArgumentText(
  text: string,
  options: ArgumentOptions,
): Promise<Arguments> {
  if (text.trimStart().startsWith("{")) {
    return { args: expectObject(parseText(text, "-a"), "-a"), secrets: [] };
  }
  return await parseWords(splitWords(text), options);
}

async function parseWords(
  words: readonly ShellWord[],
  options: ArgumentOptions,
): Promise<Arguments> {
  const own = FREE_FORM.get(bareName(options.module));
  const args = new Map<string, Json>();
  const secrets: string[] = [];
  const free: string[] = [];
  for (const { text, raw } of words) {
    const [, key, sign, value] = WORD.exec(text) ?? [];
    if (own && (key === undefined || !own.has(key))) {
      free.push(raw);
    } else if (key !== undefined) {
      if (sign === ":secret=") secrets.push(key);
      args.set(key, await parseValue(key, sign!, value!, options));
    } else if (text.startsWith("@")) {
      const members = await parseFile(text.slice(1), options);
      for (const [key, value] of Object.entries(members)) args.set(key, value);
    } else {
      throw new SyntaxError(
        `Cannot read the argument "${text}": it is not KEY=VALUE, ` +
          "KEY:=JSON or @FILE",
      );
    }
  }
  if (free.length > 0) args.set("_raw_params", free.join(" "));
  return { args: Object.fromEntries(args), secrets };
}

/** A module's name without the collection that Ansible's own are in. */
function bareName(module: string | undefined): string {
  return module?.replace(/^ansible\.(builtin|legacy)\./, "") ?? "";
}

async function parseValue(
  key: string,
  sign: string,
  value: string,
  options: ArgumentOptions,
): Promise<Json> {
  if (sign === "=") return value;
  if (sign === ":=") return parseText(value, key);
  if (!value.startsWith("@")) {
    throw new SyntaxError(
      `Cannot read the argument ${key}: a secret comes from a file, ` +
        `${key}:secret=@FILE, so that it is not seen among the processes`,
    );
  }
  return (await options.readText(value.slice(1))).replace(/\r?\n$/, "");
}

async function parseFile(
  path: string,
  options: ArgumentOptions,
): Promise<JsonObject> {
  const text = await options.readText(path);
  if (text.trimStart().startsWith("{")) {
    return expectObject(parseText(text, path), path);
  }
  const { parse } = await import("yaml");
  try {
    return expectObject(parse(text, { version: "1.1", merge: true }), path);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof SyntaxError) throw error;
    throw new SyntaxError(`Cannot read ${path}: ${error.message}`, {
      cause: error,
    });
  }
}

function parseText(text: string, where: string): Json {
  try {
    return parseUntrustedJson(text);
  } catch (error) {
    throw new SyntaxError(`Cannot read the JSON of ${where}: it is not valid`, {
      cause: error,
    });
  }
}

function expectObject(value: unknown, where: string): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new SyntaxError(
      `Cannot read arguments from ${where}: they are not an object`,
    );
  }
  return value as JsonObject;
}
