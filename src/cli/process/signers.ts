// The keys that sign releases; the file release_signers has the only copy.
import text from "../../../release_signers" with { type: "text" };

/** Lines for a file of `ssh-keygen`'s allowed signers; none: releases are unsigned. */
export const SIGNERS: readonly string[] = signersIn(text);

/** The lines of a file of allowed signers that name a key. */
export function signersIn(text: string): string[] {
  return text.split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
