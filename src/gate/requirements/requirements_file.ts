// Requirements files, as pip reads them (its documentation, "Requirements File
// Format"), as far as they make sense without a network: what would fetch or
// build something is named with its line.
import { dirname, resolve } from "@std/path";
import { BuildError } from "../../errors.ts";
import type { Reader } from "../sources/build_inputs.ts";
import { parseRequirement, type Requirement } from "./requirement.ts";

/** A requirement, and who states it. */
export interface Stated extends Requirement {
  /** `requirements.txt, line 3`, or `requests 2.31.0`. */
  readonly by: string;
  /** `sha256:…`: the wheel must have one of these; none: any will do. */
  readonly hashes: readonly string[];
}

/** What requirements files say. */
export interface Requirements {
  readonly wanted: readonly Stated[];
  /** They bound the versions of what is wanted for other reasons. */
  readonly constraints: readonly Stated[];
  /** Whether versions before a release will do. */
  readonly pre: boolean;
  /** What is said in them and not followed, one sentence each. */
  readonly warnings: readonly string[];
}

/** Where wheels come from is said by --wheelhouse alone. */
const ABOUT_SOURCES =
  /^(?:-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--trusted-host|--prefer-binary|--only-binary|--require-hashes|--use-feature)$/;
const WITH_VALUE =
  /^(?:-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host|--only-binary|--use-feature|-r|--requirement|-c|--constraint)$/;

/**
 * Reads requirements files.
 *
 * @param paths Absolute.
 * @throws {BuildError} for a file that cannot be read, and for a line that
 * cannot be followed.
 */
export async function readRequirements(
  reader: Reader,
  paths: readonly string[],
): Promise<Requirements> {
  const found: Found = {
    wanted: [],
    constraints: [],
    pre: false,
    warnings: [],
    seen: new Set(),
  };
  for (const path of paths) await readFile(path, "wanted", { reader, found });
  return found;
}

interface Found {
  wanted: Stated[];
  constraints: Stated[];
  pre: boolean;
  warnings: string[];
  readonly seen: Set<string>;
}

type Into = "wanted" | "constraints";

interface Reading {
  readonly reader: Reader;
  readonly found: Found;
}

async function readFile(
  path: string,
  into: Into,
  { reader, found }: Reading,
): Promise<void> {
  if (found.seen.has(`${into} ${path}`)) return;
  found.seen.add(`${into} ${path}`);
  const text = new TextDecoder().decode((await reader.read(path)).bytes);
  for (const { line, text: words } of logicalLines(text)) {
    const place = `${path}, line ${line}`;
    if (words.startsWith("-")) {
      const nested = readOption(words, place, found);
      if (nested === undefined) continue;
      const target = resolve(dirname(path), nested.path);
      const next = nested.into === "constraints" ? nested.into : into;
      await readFile(target, next, { reader, found });
    } else found[into].push(readRequirement(words, place));
  }
}

/** Lines without comments, continuations joined. */
function* logicalLines(
  text: string,
): Generator<{ line: number; text: string }> {
  let [joined, start] = ["", 0];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (joined === "") start = index + 1;
    const isComment = /^\s*#/.test(raw);
    if (raw.endsWith("\\") && !isComment) {
      joined += raw.slice(0, -1);
      continue;
    }
    // pip: a comment ends a continuation.
    const line = (joined + (isComment && joined ? " " : "") + raw)
      .replace(/(^|\s)#.*$/, "").trim();
    joined = "";
    if (line !== "") yield { line: start, text: line };
  }
  if (joined.trim() !== "") yield { line: start, text: joined.trim() };
}

/** Follows an option; gives the file that it names, if it names one. */
function readOption(
  words: string,
  place: string,
  found: Found,
): { path: string; into: Into } | undefined {
  const [, name = words, glued] = /^(-[a-zA-Z]|--[\w-]+)(?:[\s=]*)(.*)$/s
    .exec(words) ?? [];
  const value = unquote(glued ?? "");
  if (WITH_VALUE.test(name) && value === "") {
    throw unusable(place, `${name} names nothing`);
  }
  if (name === "-r" || name === "--requirement") {
    return { path: value, into: "wanted" };
  }
  if (name === "-c" || name === "--constraint") {
    return { path: value, into: "constraints" };
  }
  if (name === "--pre") {
    found.pre = true;
  } else if (ABOUT_SOURCES.test(name)) {
    found.warnings.push(
      `${place}: ${name} is not followed: wheels come from wheelhouses only`,
    );
  } else throw unusable(place, `${name} is not supported`);
  return undefined;
}

function unquote(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/s, "$2");
}

function readRequirement(words: string, place: string): Stated {
  const [text, ...options] = words.split(/\s+(?=--)/);
  const hashes = options.map((option) => {
    const hash = /^--hash[=\s]\s*((?:sha256|sha384|sha512):[0-9a-f]+)$/i
      .exec(option.trim())?.[1];
    if (hash === undefined) {
      throw unusable(place, `${option.split(/[=\s]/)[0]} is not supported`);
    }
    return hash.toLowerCase();
  });
  if (/\$\{[A-Z0-9_]+\}/.test(text!)) {
    throw unusable(place, "variables are not filled in");
  }
  if (/^[./~]|^\w+:\/\/|^\S+\.(?:whl|zip|tar\.gz)$/.test(text!)) {
    throw unusable(
      place,
      `${text} is a file or a URL: name the package, and put its wheel into the wheelhouse`,
    );
  }
  try {
    return { ...parseRequirement(text!), by: place, hashes };
  } catch (error) {
    throw unusable(place, (error as Error).message, error);
  }
}

function unusable(place: string, why: string, cause?: unknown): BuildError {
  return new BuildError(`Cannot follow ${place}: ${why}`, { cause });
}
