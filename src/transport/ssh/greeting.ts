// What a server says before it is known to speak SSH: the reason, in its own
// words, where it hangs up or is something else.
import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

const MOST_BYTES = 256;

/**
 * Listens to what comes first. Tells a line of it, fit to be shown, as long as
 * there is none that SSH begins with (RFC 4253, section 4.2).
 */
export function hearGreeting(
  carrier: Duplex,
  onGreeting: (line: string) => void,
): void {
  let text = "";
  const hear = (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const isSsh = /^SSH-/m.test(text);
    if (isSsh || text.length >= MOST_BYTES) carrier.off("data", hear);
    onGreeting(isSsh ? "" : firstLine(text));
  };
  carrier.on("data", hear);
}

/** True for what sshd says when too many are logging in. */
export function saysBusy(greeting: string): boolean {
  return /MaxStartups|not allowed at this time/i.test(greeting);
}

function firstLine(text: string): string {
  const [line = ""] = text.trim().split(/[\r\n]/);
  return line.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
}
