// Expands `*`, `?` and `[…]` in the source of a fetch, on the host. The pattern
// reaches the shell as the value of a variable, so that nothing else in it has a
// meaning. The paths that come back are untrusted: each must be below the folder
// that the pattern names.
import { CallError } from "../../errors.ts";
import { setPath } from "../remote/host_script.ts";
import type { HostShell } from "../remote/host_shell.ts";
import { AnswerReader } from "../remote/host_survey.ts";

/** The most paths that a pattern may match on one host. */
const MAX_MATCHES = 1000;
const MAX_BYTES = 4 * 1024 * 1024;

/** A path that matches, and its parts below the folder without patterns. */
export interface Match {
  readonly path: string;
  readonly parts: readonly string[];
}

/** Whether a source may be a pattern. */
export function isPathPattern(src: string): boolean {
  return /[*?[]/.test(src);
}

/**
 * The paths that match, sorted; undefined when the source is the name of a file or
 * folder itself.
 *
 * @throws {CallError} when nothing or too much matches, or the host's answer is not
 *   below the folder.
 */
export async function expandPattern(
  shell: HostShell,
  src: string,
): Promise<Match[] | undefined> {
  const tooMany = () =>
    new CallError(
      `Cannot fetch ${src}: more than ${MAX_MATCHES} paths match`,
      { hint: "Fetch the folder that holds them" },
    );
  const answer = await shell.ask(
    `(${setPath(src)}printf "%s\\0" "$p";` +
      'if [ -e "$p" ]||[ -L "$p" ];then printf "l\\0";else printf "p\\0";' +
      'set +f;IFS=;for f in $p;do if [ -e "$f" ]||[ -L "$f" ];then ' +
      'printf "%s\\0" "$f";fi;done;fi)',
    { limit: { bytes: MAX_BYTES, error: tooMany } },
  );
  const reader = new AnswerReader(answer.bytes);
  const pattern = reader.word() ?? src;
  if (reader.word() === "l") return undefined;
  const fixed = pattern.split("/").slice(
    0,
    pattern.split("/").findIndex(isPathPattern),
  ).join("/");
  const matches: Match[] = [];
  while (!reader.isAtEnd) {
    const path = reader.word();
    if (path === undefined) continue; // not UTF-8
    // Some shells match them with `.*`.
    if (path.startsWith(`${fixed}/`) && /\/\.\.?$/.test(path)) continue;
    if (matches.length === MAX_MATCHES) throw tooMany();
    matches.push({ path, parts: partsBelow(fixed, path) });
  }
  if (matches.length > 0) return matches;
  throw new CallError(
    `Cannot fetch ${src}: there is no file or folder that matches`,
  );
}

function partsBelow(folder: string, path: string): string[] {
  const parts = path.slice(folder.length + 1).split("/");
  const isGood = path.startsWith(`${folder}/`) && !path.includes("\0") &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (isGood) return parts;
  throw new CallError(
    `Cannot accept the host's list of paths: ${
      JSON.stringify(path)
    } is not below ${folder || "/"}`,
  );
}
