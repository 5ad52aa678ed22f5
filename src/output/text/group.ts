// Hosts whose results are identical as shown, gathered while results arrive:
// a group keeps one body and the names of its hosts, so that ten thousand equal
// results cost ten thousand names. Names are folded only when they are shown.
import type { HostResult, Status } from "../../core/call.ts";
import { STATUSES } from "../summary.ts";
import type { ShownResult } from "./result.ts";

/** The hosts that share a shown result. */
export interface Group {
  readonly status: Status;
  readonly label: string;
  readonly lines: readonly string[];
  readonly hosts: string[];
  /** The shortest and the longest call, in ms. */
  shortestMs: number;
  longestMs: number;
}

/** The groups of one run. */
export interface Groups {
  add(result: HostResult, shown: ShownResult): void;
  /** Statuses in their order of showing; in each the largest group first. */
  list(): Group[];
}

/** Gathers groups; `hosts` gives the order of hosts within and among them. */
export function createGroups(hosts: readonly string[]): Groups {
  const places = new Map(hosts.map((host, place) => [host, place]));
  const groups = new Map<string, Group>();
  const placeOf = (host: string) => places.get(host) ?? places.size;

  return {
    add(result, { label, lines }) {
      // The label holds no newline, and it begins with the status.
      const key = `${label}\n${lines.join("\n")}`;
      const group = groups.get(key);
      if (group === undefined) {
        groups.set(key, {
          status: result.status,
          label,
          lines,
          hosts: [result.host],
          shortestMs: result.duration_ms,
          longestMs: result.duration_ms,
        });
        return;
      }
      group.hosts.push(result.host);
      group.shortestMs = Math.min(group.shortestMs, result.duration_ms);
      group.longestMs = Math.max(group.longestMs, result.duration_ms);
    },
    list() {
      for (const group of groups.values()) {
        group.hosts.sort((a, b) => placeOf(a) - placeOf(b));
      }
      return [...groups.values()].sort((a, b) =>
        STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
        b.hosts.length - a.hosts.length ||
        placeOf(a.hosts[0]!) - placeOf(b.hosts[0]!)
      );
    },
  };
}
