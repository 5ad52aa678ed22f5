// Groups hosts whose results look identical, while results arrive. A group keeps
// one body and the names of its hosts, so that ten thousand equal results cost
// ten thousand names. Names are folded only when they are shown.
import {
  type HostResult,
  type Status,
  STATUSES,
} from "../../core/call/call.ts";
import type { ShownResult } from "./result_text.ts";

/** The hosts that share one shown result. */
export interface ResultGroup extends GroupState {
  readonly lines: readonly string[];
}

interface GroupState {
  readonly status: Status;
  readonly label: string;
  readonly hosts: string[];
  /** The durations of the shortest and the longest call, in ms. */
  shortestMs: number;
  longestMs: number;
  /** The error lines if they are the same for all hosts; empty if they differ. */
  ownError: readonly string[];
}

/** The groups of one run. */
export interface Groups {
  add(result: HostResult, shown: ShownResult): void;
  /** All groups, by status; within a status the largest group first. */
  list(): ResultGroup[];
  /** Removes and returns the groups of some statuses, in the same order. */
  take(matches: (status: Status) => boolean): ResultGroup[];
}

/** Creates groups; `hosts` gives the order of hosts. */
export function createGroups(hosts: readonly string[]): Groups {
  const positions = new Map(hosts.map((host, position) => [host, position]));
  // The key is the label and the lines, joined: the only copy of a body. Neither
  // contains a newline, and the label starts with the status.
  const groups = new Map<string, GroupState>();
  const positionOf = (host: string) => positions.get(host) ?? positions.size;

  function listed(matches: (status: Status) => boolean): ResultGroup[] {
    return [...groups].filter(([, group]) => matches(group.status))
      .map(([key, group]): ResultGroup => ({
        ...group,
        hosts: group.hosts.toSorted((a, b) => positionOf(a) - positionOf(b)),
        lines: group.ownError.concat(
          key.split("\n").slice(1 + group.ownError.length),
        ),
      })).sort((a, b) =>
        STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
        b.hosts.length - a.hosts.length ||
        positionOf(a.hosts[0]!) - positionOf(b.hosts[0]!)
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
    take(matches) {
      const taken = listed(matches);
      for (const [key, { status }] of groups) {
        if (matches(status)) groups.delete(key);
      }
      return taken;
    },
  };
}
