// What is said of hosts between two lines: those that something alike has
// befallen in one line, and never more lines than leave the screen usable.
import { foldNames } from "../../inventory/fold.ts";
import { withoutNames } from "../../output/alike.ts";
import { escapeLine } from "../../output/escape.ts";

const MAX_LINES = 5;

interface Said {
  readonly text: string;
  readonly hint: string | undefined;
}

interface Note {
  readonly hosts: string[];
  /** For a host that it befell alone. */
  readonly own: Said;
  readonly alike: Said;
}

/** Notices that wait to be shown. */
export class StatusLines {
  /** By what reads the same for all of them. */
  readonly #notes = new Map<string, Note>();

  /** `what` and `reason` follow the host's name, `hint` has its own line. */
  add(host: string, what: string, reason: string, hint?: string): void {
    const own = { text: what + reason, hint };
    const alike = {
      text: what + withoutNames(reason, host),
      hint: hint && withoutNames(hint, host),
    };
    const key = `${alike.text}\n${alike.hint}`;
    const note = this.#notes.get(key);
    if (note) note.hosts.push(host);
    else this.#notes.set(key, { hosts: [host], own, alike });
  }

  /** Whole lines, which are then forgotten; empty when there is nothing. */
  take(): string {
    const notes = [...this.#notes.values()].sort((a, b) =>
      b.hosts.length - a.hosts.length
    );
    this.#notes.clear();
    const lines = notes.slice(0, MAX_LINES).flatMap((note) => {
      const { hosts, own, alike } = note;
      const { text, hint } = hosts.length === 1 ? own : alike;
      return [foldNames(hosts) + text, ...hint ? [`  hint: ${hint}`] : []];
    });
    const left = notes.slice(MAX_LINES).flatMap(({ hosts }) => hosts);
    if (left.length > 0) {
      lines.push(`${left.length} hosts more, of which :hosts says why`);
    }
    return lines.map((line) => escapeLine(line) + "\n").join("");
  }
}
