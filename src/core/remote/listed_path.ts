// The paths that a host lists in a folder. They are untrusted: none may lead out of
// the folder.
import { CallError } from "../../errors.ts";

/**
 * The parts of a path that a host lists in a folder: `./a/b`.
 *
 * @throws {CallError} when it leads out of the folder.
 */
export function partsOf(name: string): string[] {
  const parts = name === "." ? [] : name.split("/").slice(1);
  const isGood = (name === "." || name.startsWith("./")) &&
    !name.includes("\0") &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (isGood) return parts;
  throw new CallError(
    `Cannot accept the host's listing: ${JSON.stringify(name)} leads out of ` +
      "the folder",
  );
}
