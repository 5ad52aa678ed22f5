// Where a program is, so that its absence is said before it is started.
import { join } from "@std/path";

/** Finds a program on PATH; one with a slash in its name is where it says. */
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
    return false; // it is not there, or not ours to look at
  }
}
