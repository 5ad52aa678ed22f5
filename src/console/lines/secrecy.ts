// Which lines are not kept in the history: those that appear to contain a
// secret, and, as in a shell, those that start with a space. When in doubt, a
// line is dropped: losing a line costs little, keeping a secret costs much.
import { isPasswordName } from "../../inventory/password_name.ts";
import type { JsonObject } from "../../protocol/message.ts";

const NAME = "[\\w-]*(?:(?:pass(?:w(?:or)?d|phrase)?|secret|token|credential|" +
  "(?:api|private|access|account|encryption|master|shared)[-_]?key)[\\w-]*|" +
  "_pwd|pw)";

/** A name followed by a secret: `token=`, `"api_key":`, `--password x`. */
const SECRET_NAME = new RegExp(
  `(?:^|[^\\w-])${NAME}["']?\\s*[=:]\\s*\\S|(?:^|\\s)--?${NAME}\\s+\\S`,
  "i",
);

/** Longer lines are not kept: they are likely pasted data. */
const MAX_LENGTH = 10_000;

/** Programs, anywhere on a line, and their options that take a secret. */
const OPTIONS: readonly [programs: string, option: string][] = [
  ["(?:mysql|mariadb)[\\w-]*", "-p\\S"],
  ["mongo(?:sh|dump|restore|export|import)?", "-p\\s*\\S"],
  ["sshpass", "-p"],
  ["redis-cli|valkey-cli", "-a\\s*\\S|--pass\\s"],
  ["ldap\\w+", "-w\\s*\\S"],
  ["ldappasswd", "-[as]\\s*\\S"],
  [
    "docker|podman|nerdctl|buildah|skopeo|helm|oc|az",
    "login\\s(?:[^|;]*\\s)?-p\\s*\\S",
  ],
  ["user(?:add|mod)", "-p\\s*\\S"],
  ["htpasswd", "-\\w*b"],
  ["(?:un)?zip", "-P\\s*\\S"],
  ["7z[ar]?|rar|unrar", "-p\\S"],
  ["ipmitool|ipmi-\\w+", "-[PK]\\s*\\S"],
  ["snmp\\w+", "-[AXc]\\s*\\S"],
  ["smbclient|rpcclient|net", "-U\\s*\\S+%\\S"],
  ["https?|xh", "-a\\s*\\S"],
  ["openssl", "-[kK]\\s+\\S"],
  ["[wx]freerdp3?", "/p:\\S"],
];

/** Other text that shows a secret. */
const FORMS: readonly RegExp[] = [
  /:\/\/[^\s/:@]+:[^\s/@]+@/, // scheme://user:password@host
  /\b(?:Bearer|Basic)\s+\S/,
  /\b(?:authorization|cookie)["']?\s*[:=]\s*\S/i,
  /(?:^|\s)(?:-u|--(?:proxy-)?user)[\s=]*["']?[^\s:"']+:[^\s"']/, // curl
  /\bchpasswd(?:\s|$)/,
  /\bpasswd\b[^|;]*\s--stdin\b/,
  /\|\s*(?:sudo\s+)?(?:\/\S*\/)?passwd\b|\bpasswd\b[^|;]*<</,
  /\bopenssl\s+passwd\b/,
  /(?:^|\s)-?-?pass(?:in|out)?[\s=]+["']?pass:/, // openssl
  /\bsudo\s+(?:-\w+\s+(?:[^-\s]\S*\s+)?)*-\w*S\b/, // reads the password from a pipe
];

const SECRET_FORM = new RegExp(
  [
    ...FORMS.map(({ source, flags }) =>
      flags.includes("i") ? `(?i:${source})` : source
    ),
    ...OPTIONS.map(([programs, option]) =>
      `(?:^|[\\s/;|&(!'"])(?:${programs})\\s(?:[^|;]*\\s)?(?:${option})`
    ),
  ].join("|"),
);

/**
 * Whether a line may be kept in the history. `call` has a call's arguments and
 * how they were shown: where they differ, a secret was masked.
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
