// The first line that a server sends when it does not speak SSH, or closes the
// connection: it often states the reason.
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

const MAX_BYTES = 256;

/**
 * Reports the first line, in printable characters, until a line of SSH arrives
 * (RFC 4253, section 4.2); then an empty line.
 */
export function watchGreeting(
  carrier: Duplex,
  onGreeting: (line: string) => void,
): void {
  let text = "";
  const read = (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const isSsh = /^SSH-/m.test(text);
    if (isSsh || text.length >= MAX_BYTES) carrier.off("data", read);
    onGreeting(isSsh ? "" : firstLine(text));
  };
  carrier.on("data", read);
}

/** True for the messages of sshd when it admits nobody now, for either reason. */
export function isBusyMessage(greeting: string): boolean {
  return /MaxStartups/i.test(greeting) || isBanMessage(greeting);
}

/**
 * True for the message of sshd, since 9.8, to an address that it bans for a while
 * (PerSourcePenalties), and when too many logins are in progress (MaxStartups).
 */
export function isBanMessage(greeting: string): boolean {
  return /not allowed at this time/i.test(greeting);
}

function firstLine(text: string): string {
  const [line = ""] = text.trim().split(/[\r\n]/);
  return line.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
}
