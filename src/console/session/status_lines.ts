// Notices about hosts between two lines: hosts with the same problem share one
// line, and the number of lines is limited.
import { foldNames } from "../../inventory/fold.ts";
import { withoutNames } from "../../output/without_names.ts";
import { wrapWords } from "../../output/width.ts";
import { escapeLine } from "../../output/escape.ts";

const MAX_LINES = 5;

interface Notice {
  readonly text: string;
  readonly hint: string | undefined;
}

interface Group {
  readonly hosts: string[];
  /** Shown when the group has one host. */
  readonly own: Notice;
  /** Shown for several hosts: without names and addresses. */
  readonly shared: Notice;
}

/** Notices that have not been shown. */
export class StatusLines {
  /** By their shared text. */
  readonly #groups = new Map<string, Group>();

  /** Adds a notice: `what` and `reason` follow the host's name. */
  add(host: string, what: string, reason: string, hint?: string): void {
    const own = { text: what + reason, hint };
    const shared = {
      text: what + withoutNames(reason, host),
      hint: hint && withoutNames(hint, host),
    };
    const key = `${shared.text}\n${shared.hint}`;
    const group = this.#groups.get(key);
    if (group) group.hosts.push(host);
    else this.#groups.set(key, { hosts: [host], own, shared });
  }

  /** Removes the notices about a host: a result has told why. */
  remove(host: string): void {
    for (const [key, { hosts }] of this.#groups) {
      const at = hosts.indexOf(host);
      if (at >= 0) hosts.splice(at, 1);
      if (hosts.length === 0) this.#groups.delete(key);
    }
  }

  /**
   * Returns the notices as lines, and clears them. With a width, lines are broken
   * between words.
   */
  take(width = Infinity): string {
    const groups = [...this.#groups.values()].sort((a, b) =>
      b.hosts.length - a.hosts.length
    );
    this.#groups.clear();
    const lines = groups.slice(0, MAX_LINES).flatMap((group) => {
      const { hosts, own, shared } = group;
      const { text, hint } = hosts.length === 1 ? own : shared;
      return [foldNames(hosts) + text, ...hint ? [`  hint: ${hint}`] : []];
    });
    const left = groups.slice(MAX_LINES).flatMap(({ hosts }) => hosts);
    if (left.length > 0) {
      lines.push(`${left.length} more hosts; :hosts shows the reasons`);
    }
    return lines.map(escapeLine)
      .flatMap((line) => wrapWords(line, { width, indent: "    " }))
      .map((line) => line + "\n").join("");
  }
}
