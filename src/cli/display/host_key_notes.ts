// What a run tells about host keys besides its results: one line to paste for all
// hosts whose keys are unknown, and the hosts whose keys were added.
import type { RunEvent } from "../../core/call/run_event.ts";
import { foldNames } from "../../inventory/fold.ts";
import { escapeLine } from "../../output/escape.ts";
import type { Context } from "../commands/context.ts";
import type { Sink } from "./recorder.ts";

/** The most addresses in a line to paste. */
const MAX_SCANNED = 100;

/** The end of the hint for an unknown key. */
const SCAN = /: ssh-keyscan (?:-p (\d+) )?(\S+)$/;

/** Follows runs, and tells about host keys at the end of each. */
export class HostKeyNotes implements Sink {
  readonly #context: Context;
  readonly #isVerbose: boolean;
  #added: string[] = [];
  /** The addresses of hosts with unknown keys, by port. */
  #unknown = new Map<string, Set<string>>();

  constructor(context: Context, { isVerbose }: { isVerbose: boolean }) {
    this.#context = context;
    this.#isVerbose = isVerbose;
  }

  /** A new key was added to known_hosts. */
  added(host: string, key: string): void {
    this.#added.push(host);
    if (!this.#isVerbose) return;
    this.#context.err(
      `ftl: added the key of ${escapeLine(host)}: ${escapeLine(key)}\n`,
    );
  }

  event(event: RunEvent): void {
    if (event.event !== "result" || event.error?.phase !== "hostkey") return;
    const [, port = "", address] = SCAN.exec(event.error.hint ?? "") ?? [];
    if (address === undefined) return;
    const others = this.#unknown.get(port);
    if (others === undefined) this.#unknown.set(port, new Set([address]));
    else others.add(address);
  }

  finish(): Promise<void> {
    const unknown = [...this.#unknown.values()].flatMap((each) => [...each]);
    if (unknown.length > 1 && unknown.length <= MAX_SCANNED) {
      const scans = [...this.#unknown].map(([port, addresses]) =>
        `ssh-keyscan ${port && `-p ${port} `}${[...addresses].join(" ")}`
      );
      const all = scans.length === 1 ? scans[0]! : `{ ${scans.join("; ")}; }`;
      this.#context.err(
        `ftl: the keys of ${unknown.length} hosts are unknown (-v shows them)\n` +
          "     After comparing them with the hosts, add them with: " +
          `${escapeLine(all)} >>~/.ssh/known_hosts\n`,
      );
    }
    if (this.#added.length > 0) {
      this.#context.err(
        `ftl: added the keys of ${escapeLine(foldNames(this.#added))} to ` +
          "known_hosts" +
          (this.#isVerbose ? "\n" : " (fingerprints: -v)\n"),
      );
    }
    [this.#added, this.#unknown] = [[], new Map()];
    return Promise.resolve();
  }
}
