// Reads the ssh_config files on this machine: the user's, which have priority, and
// the system's, each with the files that they include.
import { isAbsolute, join } from "@std/path";
import { exposureOf } from "../../ownership.ts";
import { matchesPatterns } from "../openssh_patterns.ts";
import {
  type ConfigFile,
  parseSshConfig,
  type SshConfig,
} from "./parse_config.ts";

/** Where the files are. */
export interface ConfigPlaces {
  readonly home: string;
  /** Default: `/etc/ssh`. */
  readonly systemFolder?: string;
}

/**
 * Reads the files that exist.
 *
 * @throws {SyntaxError} with file and line.
 */
export function readSshConfigs(
  { home, systemFolder = "/etc/ssh" }: ConfigPlaces,
): SshConfig[] {
  const userFolder = join(home, ".ssh");
  const files = [
    { path: join(userFolder, "config"), folder: userFolder },
    { path: join(systemFolder, "ssh_config"), folder: systemFolder },
  ];
  return files.flatMap(({ path, folder }) => {
    const text = readIfThere(path);
    return text === undefined ? [] : [parse({ path, text }, { home, folder })];
  });
}

/**
 * Reads the one file that replaces all others (`ssh -F`).
 *
 * @throws {SyntaxError} with file and line, or when it cannot be read.
 */
export function readSshConfigFile(
  path: string,
  { home }: ConfigPlaces,
): SshConfig {
  const text = readIfThere(path);
  if (text === undefined) throw unreadable(path, "the file does not exist");
  return parse({ path, text }, { home, folder: join(home, ".ssh") });
}

/** Parses a file; relative paths in it are below `folder`. */
function parse(
  file: ConfigFile,
  { home, folder }: { home: string; folder: string },
): SshConfig {
  return parseSshConfig(file, (pattern) => {
    const expanded = pattern.replace(/^~(?=\/)/, home);
    return filesOf(isAbsolute(expanded) ? expanded : join(folder, expanded));
  });
}

/** The files that match a pattern, in the order of their names. */
function filesOf(pattern: string): ConfigFile[] {
  let paths = ["/"];
  for (const part of pattern.split("/").filter((part) => part !== "")) {
    paths = /[*?]/.test(part)
      ? paths.flatMap((path) => entriesOf(path, part))
      : paths.map((path) => join(path, part));
  }
  return paths.flatMap((path) => {
    const text = readIfThere(path);
    return text === undefined ? [] : [{ path, text }];
  });
}

function entriesOf(folder: string, pattern: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.startsWith(".") === pattern.startsWith("."))
      .filter((name) => matchesPatterns(name, [pattern]))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw unreadable(folder, error);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(path);
    // Its commands run as this user. ssh refuses such files too.
    const exposure = exposureOf(path, "program");
    if (exposure !== undefined) throw new Error(exposure.both);
    return text;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, reason: unknown): SyntaxError {
  const { PermissionDenied } = Deno.errors;
  const text = reason instanceof PermissionDenied
    ? "permission denied"
    : reason instanceof Error
    ? reason.message
    : reason;
  return new SyntaxError(`Cannot read ${path}: ${text}`, { cause: reason });
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory;
}
