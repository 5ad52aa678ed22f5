// What is said of hosts between two lines: those that something alike has
// befallen in one line, and never more lines than leave the screen usable.
import { foldNames } from "../inventory/fold.ts";
import { withoutNames } from "../output/alike.ts";
import { escapeLine } from "../output/escape.ts";

const MAX_LINES = 5;

/** Notices that wait to be shown. */
export class Notices {
  /** By what reads the same for all of them. */
  readonly #notes = new Map<string, { hosts: string[]; own: string }>();

  /** `what` and `reason` follow the host's name. */
  add(host: string, what: string, reason: string): void {
    const alike = what + withoutNames(reason, host);
    const note = this.#notes.get(alike);
    if (note) note.hosts.push(host);
    else this.#notes.set(alike, { hosts: [host], own: what + reason });
  }

  /** Whole lines, which are then forgotten; empty when there is nothing. */
  take(): string {
    const notes = [...this.#notes].sort(([, a], [, b]) =>
      b.hosts.length - a.hosts.length
    );
    this.#notes.clear();
    const lines = notes.slice(0, MAX_LINES).map(([alike, { hosts, own }]) =>
      foldNames(hosts) + (hosts.length === 1 ? own : alike)
    );
    const left = notes.slice(MAX_LINES).flatMap(([, { hosts }]) => hosts);
    if (left.length > 0) {
      lines.push(`${left.length} hosts more, of which :hosts says why`);
    }
    return lines.map((line) => escapeLine(line) + "\n").join("");
  }
}
