// Hosts whose results are identical as shown, gathered while results arrive:
// a group keeps one body and the names of its hosts, so that ten thousand equal
// results cost ten thousand names. Names are folded only when they are shown.
import type { HostResult, Status } from "../../core/call/call.ts";
import { STATUSES } from "../summary.ts";
import type { ShownResult } from "./result_text.ts";

/** The hosts that share a shown result. */
export interface ResultGroup extends Gathered {
  readonly lines: readonly string[];
}

interface Gathered {
  readonly status: Status;
  readonly label: string;
  readonly hosts: string[];
  /** The shortest and the longest call, in ms. */
  shortestMs: number;
  longestMs: number;
  /** The first lines as they are for every host in it; empty: they differ. */
  ownError: readonly string[];
}

/** The groups of one run. */
export interface Groups {
  add(result: HostResult, shown: ShownResult): void;
  /** Statuses in their order of showing; in each the largest group first. */
  list(): ResultGroup[];
  /** The groups of some statuses, in the same order, which are then forgotten. */
  take(isMeant: (status: Status) => boolean): ResultGroup[];
}

/** Gathers groups; `hosts` gives the order of hosts within and among them. */
export function createGroups(hosts: readonly string[]): Groups {
  const places = new Map(hosts.map((host, place) => [host, place]));
  // By label and lines, joined: the only copy of a body that is kept. Neither
  // holds a newline, and the label begins with the status.
  const groups = new Map<string, Gathered>();
  const placeOf = (host: string) => places.get(host) ?? places.size;

  function listed(isMeant: (status: Status) => boolean): ResultGroup[] {
    return [...groups].filter(([, group]) => isMeant(group.status))
      .map(([key, group]): ResultGroup => ({
        ...group,
        hosts: group.hosts.toSorted((a, b) => placeOf(a) - placeOf(b)),
        lines: group.ownError.concat(
          key.split("\n").slice(1 + group.ownError.length),
        ),
      })).sort((a, b) =>
        STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
        b.hosts.length - a.hosts.length ||
        placeOf(a.hosts[0]!) - placeOf(b.hosts[0]!)
      );
  }

  return {
    add({ host, status, duration_ms }, { label, lines, ownError = [] }) {
      const key = [label, ...lines].join("\n");
      const group = groups.get(key);
      if (group === undefined) {
        groups.set(key, {
          status,
          label,
          hosts: [host],
          shortestMs: duration_ms,
          longestMs: duration_ms,
          ownError,
        });
        return;
      }
      group.hosts.push(host);
      if (group.ownError.join("\n") !== ownError.join("\n")) {
        group.ownError = [];
      }
      group.shortestMs = Math.min(group.shortestMs, duration_ms);
      group.longestMs = Math.max(group.longestMs, duration_ms);
    },
    list: () => listed(() => true),
    take(isMeant) {
      const taken = listed(isMeant);
      for (const [key, { status }] of groups) {
        if (isMeant(status)) groups.delete(key);
      }
      return taken;
    },
  };
}
