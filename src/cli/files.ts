// Files that the command line names.
import type { Context } from "./context.ts";
import { UsageError } from "./exit_code.ts";

/** The text of a file; `-` is stdin. */
export async function readText(
  path: string,
  context: Context,
): Promise<string> {
  if (path === "-") return await context.readInput();
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${reason(error)}`, {
      cause: error,
    });
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
