// Finds programs, so that a missing one is reported before it is started.
import { join } from "@std/path";

/** Finds a program on PATH; a name with a slash is a path. */
export function findProgram(name: string): string | undefined {
  if (name.includes("/")) return isProgram(name) ? name : undefined;
  return (Deno.env.get("PATH") ?? "").split(":")
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0o111) & 0o111) !== 0;
  } catch {
    return false; // it does not exist, or is not readable
  }
}
