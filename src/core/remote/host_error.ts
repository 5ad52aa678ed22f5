// Translates the error messages of a host's tools into those of ftl.
import { CallError } from "../../errors.ts";

/** The hint for a permission that the user lacks. */
export const PERMISSION_HINT =
  "Log in as a user who has the permission, or use `become`";

const REASONS: readonly (readonly [RegExp, string, string?])[] = [
  [
    /No space left on device|Wrote only \d+ of|Disk quota exceeded|not enough space/i,
    "its disk is full",
  ],
  [
    /Read-only file system/i,
    "its file system is read-only",
  ],
  [
    /Permission denied|Operation not permitted/i,
    "permission denied",
    PERMISSION_HINT,
  ],
  [
    /link of another user/i,
    "its path has a link in a folder that other users can change",
    "Name the folder that the link leads to",
  ],
  [
    /another user replaced/i,
    "another user replaced a folder during the transfer",
  ],
  [/Not a directory|File exists/i, "a part of the path is not a folder"],
  [/File name too long/i, "the name is too long for its file system"],
  [/tar: (?:command )?not found|: tar: not found/i, "it has no tar"],
  [/invalid user|unknown user/i, "it has no such user"],
  [/invalid group|unknown group/i, "it has no such group"],
  [/No such file or directory/i, "a folder of the path does not exist"],
];

/** The error for a host that could not do something, from its error output. */
export function hostFailure(what: string, output: string): CallError {
  const text = output.trim();
  for (const [pattern, reason, hint] of REASONS) {
    if (pattern.test(text)) {
      return new CallError(`Cannot ${what}: ${reason}`, { hint });
    }
  }
  const last = text.split("\n").at(-1);
  return new CallError(
    `Cannot ${what}: ${last || "the host gave no reason"}`,
  );
}
