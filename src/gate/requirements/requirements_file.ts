// Reads requirements files in pip's format (its documentation, "Requirements File
// Format") without a network: a line that would fetch or build something is an
// error or a warning.
import { dirname, resolve } from "@std/path";
import { BuildError } from "../../errors.ts";
import type { Reader } from "../sources/build_inputs.ts";
import { parseRequirement, type Requirement } from "./requirement.ts";

/** A requirement with its origin. */
export interface StatedRequirement extends Requirement {
  /** `requirements.txt, line 3`, or `requests 2.31.0`. */
  readonly by: string;
  /** `sha256:…`: the wheel must have one of these, if there are any. */
  readonly hashes: readonly string[];
}

/** The content of requirements files. */
export interface Requirements {
  readonly wanted: readonly StatedRequirement[];
  /** They limit the versions of packages that something else requires. */
  readonly constraints: readonly StatedRequirement[];
  /** Whether pre-releases are accepted. */
  readonly pre: boolean;
  /** One sentence for each ignored option. */
  readonly warnings: readonly string[];
}

/** Ignored options: wheels come from the given folders only. */
const IGNORED =
  /^(?:-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--trusted-host|--prefer-binary|--only-binary|--require-hashes|--use-feature)$/;
const WITH_VALUE =
  /^(?:-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host|--only-binary|--use-feature|-r|--requirement|-c|--constraint)$/;

/**
 * Reads requirements files.
 *
 * @param paths Absolute.
 * @throws {BuildError} for a file that cannot be read, and for a line that is not
 * supported.
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
  wanted: StatedRequirement[];
  constraints: StatedRequirement[];
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

/** Applies an option; returns the file that it names, if any. */
function readOption(
  words: string,
  place: string,
  found: Found,
): { path: string; into: Into } | undefined {
  const [, name = words, glued] = /^(-[a-zA-Z]|--[\w-]+)(?:[\s=]*)(.*)$/s
    .exec(words) ?? [];
  const value = unquote(glued ?? "");
  if (WITH_VALUE.test(name) && value === "") {
    throw unusable(place, `${name} has no value`);
  }
  if (name === "-r" || name === "--requirement") {
    return { path: value, into: "wanted" };
  }
  if (name === "-c" || name === "--constraint") {
    return { path: value, into: "constraints" };
  }
  if (name === "--pre") {
    found.pre = true;
  } else if (IGNORED.test(name)) {
    found.warnings.push(
      `${place}: ${name} is ignored, because wheels come from wheelhouses only`,
    );
  } else throw unusable(place, `${name} is not supported`);
  return undefined;
}

function unquote(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/s, "$2");
}

function readRequirement(words: string, place: string): StatedRequirement {
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
    throw unusable(place, "variables are not supported");
  }
  if (/^[./~]|^\w+:\/\/|^\S+\.(?:whl|zip|tar\.gz)$/.test(text!)) {
    throw unusable(
      place,
      `${text} is a file or a URL`,
      {
        hint:
          "Name the package, and put its wheel in a folder of `wheelhouses`",
      },
    );
  }
  try {
    return { ...parseRequirement(text!), by: place, hashes };
  } catch (error) {
    throw unusable(place, (error as Error).message, { cause: error });
  }
}

function unusable(
  place: string,
  why: string,
  options?: { hint?: string; cause?: unknown },
): BuildError {
  return new BuildError(`Cannot use ${place}: ${why}`, options);
}
