// Finds the file of settings: FTL_CONFIG, else ftl.yml in the current folder, else
// ftl.yml in ~/.config/ftl. A file that another user could have written is never
// used: it could name programs that run here.
import { join, resolve } from "@std/path";
import { messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";
import { UsageError } from "../process/exit_code.ts";

/** The name of the file in a folder. */
const FILE_NAME = "ftl.yml";

/** Where settings were found. */
export interface FoundSettings {
  /** The file as messages show it; undefined when there is none. */
  readonly path: string | undefined;
  /** One for each file that was skipped. */
  readonly warnings: readonly string[];
}

type ReadVariable = (name: string) => string | undefined;

/**
 * Finds the file. A file in the current folder that cannot be trusted is skipped
 * with a warning, because another user may have put it there; so is what is not a
 * file.
 *
 * @throws {UsageError} when FTL_CONFIG names no file, or the file that it names or
 *   the one in ~/.config can be changed by another user.
 */
export function findSettings(env: ReadVariable): FoundSettings {
  const named = env("FTL_CONFIG");
  if (named === "" || named === "/dev/null") {
    return { path: undefined, warnings: [] };
  }
  if (named !== undefined) {
    const found = lookAt(named);
    if (found !== "file") {
      throw new UsageError(
        found === "absent"
          ? `Cannot use FTL_CONFIG: there is no file ${named}`
          : `Cannot use FTL_CONFIG: ${named} ${found.is}`,
        { hint: "Name a file; set it to nothing to use no settings" },
      );
    }
    refuseExposed(named);
    return { path: named, warnings: [] };
  }
  const warnings: string[] = [];
  const skip = (path: string, why: string) =>
    warnings.push(`warning: ${resolve(path)} is not used: ${why}`);
  const here = lookAt(FILE_NAME);
  if (here === "file") {
    const exposure = exposureOf(FILE_NAME, "program");
    if (exposure === undefined) return { path: FILE_NAME, warnings };
    skip(FILE_NAME, exposure.both);
  } else if (here !== "absent") skip(FILE_NAME, `it ${here.is}; rename it`);
  const own = ownFile(env);
  const there = own === undefined ? "absent" : lookAt(own);
  if (own === undefined || there === "absent") {
    return { path: undefined, warnings };
  }
  if (there !== "file") {
    skip(own, `it ${there.is}; rename it`);
    return { path: undefined, warnings };
  }
  refuseExposed(own);
  return { path: own, warnings };
}

function ownFile(env: ReadVariable): string | undefined {
  const named = env("XDG_CONFIG_HOME") ?? "";
  const home = env("HOME");
  // A relative path is invalid there (XDG Base Directory Specification).
  if (named.startsWith("/")) return join(named, "ftl", FILE_NAME);
  return home ? join(home, ".config/ftl", FILE_NAME) : undefined;
}

/** What is at a path; `is` says what stands where a file should be. */
type Found = "file" | "absent" | { readonly is: string };

function lookAt(path: string): Found {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    if (isFile) return "file";
    return {
      is: `is a ${isDirectory ? "folder" : "pipe or a device"}, not a file`,
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return danglingLink(path);
    if (
      error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.PermissionDenied
    ) return "absent";
    return { is: `cannot be read: ${messageOf(error)}` };
  }
}

function danglingLink(path: string): Found {
  try {
    const target = Deno.readLinkSync(path);
    return { is: `is a link to ${target}, which does not exist` };
  } catch {
    return "absent"; // it is not a link either
  }
}

function refuseExposed(path: string): void {
  const exposure = exposureOf(path, "program");
  if (exposure === undefined) return;
  throw new UsageError(`Cannot use ${path}: ${exposure.why}`, {
    hint: exposure.hint,
  });
}
