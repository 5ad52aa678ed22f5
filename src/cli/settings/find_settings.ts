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
 * with a warning, because another user may have put it there.
 *
 * @throws {UsageError} when FTL_CONFIG names no file, or the file that it names or
 *   the one in ~/.config can be changed by another user.
 */
export function findSettings(env: ReadVariable): FoundSettings {
  const named = env("FTL_CONFIG");
  if (named === "") return { path: undefined, warnings: [] };
  if (named !== undefined) {
    if (!isFile(named)) {
      throw new UsageError(
        `Cannot use FTL_CONFIG: there is no file ${named}`,
        { hint: "Name a file; set it to nothing to use no settings" },
      );
    }
    refuseExposed(named);
    return { path: named, warnings: [] };
  }
  const warnings: string[] = [];
  if (isFile(FILE_NAME)) {
    const exposure = exposureOf(FILE_NAME, "program");
    if (exposure === undefined) return { path: FILE_NAME, warnings };
    warnings.push(
      `warning: ${resolve(FILE_NAME)} is not used: ${exposure.both}`,
    );
  }
  const own = ownFile(env);
  if (own === undefined || !isFile(own)) return { path: undefined, warnings };
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

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.PermissionDenied
    ) return false;
    throw new UsageError(`Cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function refuseExposed(path: string): void {
  const exposure = exposureOf(path, "program");
  if (exposure === undefined) return;
  throw new UsageError(`Cannot use ${path}: ${exposure.why}`, {
    hint: exposure.hint,
  });
}
