// Removes host names and addresses from messages, so that a thousand hosts with
// the same problem share one line.

// IPv4 and IPv6 addresses, but no places in files, such as vars.yml:3:14.
const ADDRESS =
  /\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w./:-])[\da-f]*:[\da-f:]*:[\da-f]+\b/gi;

/** A key as OpenSSH shows it. */
const FINGERPRINT = /\bSHA256:[A-Za-z0-9+/]{43}/g;

/** Replaces the host's name and addresses in a message with placeholders. */
export function withoutNames(message: string, host: string): string {
  const name = new RegExp(
    `(?<![\\w.-])${host.replace(/[^\w]/g, "\\$&")}(?![\\w-]|\\.\\w)`,
    "g",
  );
  return message.replace(name, "HOST").replace(ADDRESS, "ADDRESS")
    .replace(FINGERPRINT, "FINGERPRINT");
}
