// Which lines must not be written down: those that hold a secret, as far as a
// line can be known to, and those that begin with a blank, as in a shell.
import { isPasswordName } from "../../core/result/mask.ts";
import type { JsonObject } from "../../protocol/message.ts";

const NAME =
  "[\\w-]*(?:pass(?:w(?:or)?d|phrase)?|secret|token|credential|(?:api|private)[-_]?key)[\\w-]*";

/** A name that says that a secret follows: `token=`, `"api_key":`, `--password x`. */
const SECRET_NAME = new RegExp(
  `(?:^|[^\\w-])${NAME}["']?\\s*[=:]\\s*\\S|(?:^|\\s)--?${NAME}\\s+\\S`,
  "i",
);

/** Longer lines are not kept: they are pasted data. */
const MAX_LENGTH = 10_000;

/**
 * `scheme://user:password@host`, a Bearer or Basic header, and what well-known
 * programs take: `curl -u NAME:PASSWORD`, `mysql -pPASSWORD`, `sshpass -p`.
 */
const SECRET_FORM = new RegExp(
  [
    /:\/\/[^\s/:@]+:[^\s/@]+@/,
    /\b(?:Bearer|Basic)\s+\S/,
    /(?:^|\s)(?:-u|--(?:proxy-)?user)[\s=]*["']?[^\s:"']+:[^\s"']/,
    /\b(?:mysql|mariadb)[\w-]*\s(?:[^]*\s)?-p\S/,
    /\bsshpass\s+-p/,
  ].map(({ source }) => source).join("|"),
);

/**
 * Says whether a line may be kept in the history. A call's arguments are told
 * apart from the same as they were shown: what differs was masked.
 */
export function mayKeep(
  line: string,
  call?: { args: JsonObject; shown: JsonObject },
): boolean {
  if (/^\s/.test(line) || line.length > MAX_LENGTH) return false;
  if (line.startsWith(":")) return true;
  if (call && JSON.stringify(call.args) !== JSON.stringify(call.shown)) {
    return false;
  }
  const names = [...line.matchAll(/([\w.-]+?)["']?(?::secret=|:?=)/g)]
    .map((match) => match[1]!.replace(/^-+/, ""));
  return !names.some(isPasswordName) && !SECRET_NAME.test(line) &&
    !SECRET_FORM.test(line);
}
