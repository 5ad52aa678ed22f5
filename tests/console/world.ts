// A small inventory and a session on it, for tests of the console's pure parts.
import {
  emptySummary,
  type HostResult,
  type Status,
  type Summary,
} from "../../src/core/call/call.ts";
import type { GateState } from "../../src/console/lines/gate_state.ts";
import type {
  LastRun,
  Session,
  World,
} from "../../src/console/lines/session.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { memorySources } from "../inventory/memory_sources.ts";

export const inventory: Inventory = await loadInventory(
  ["hosts.ini"],
  memorySources({
    "hosts.ini":
      "[web]\nweb[1:4] app_password=hunter22 port=80\n[db]\ndb1\ndb2\n",
  }),
);

/** A world with these gates; the others are closed. */
export function world(
  gates: Record<string, GateState> = {},
  references: Record<string, string[]> = {},
): World {
  return {
    inventory,
    gates: new Map(Object.entries(gates)),
    references: new Map(Object.entries(references)),
    expressions: new Map(),
    secrets: new Set(),
    now: 1_000_000,
  };
}

/** A session on the four web hosts. */
export const session: Session = {
  pattern: "web",
  hosts: ["web1", "web2", "web3", "web4"],
  settings: { format: "text", fanout: 500 },
};

function summaryOf(statuses: readonly Status[]): Summary {
  const summary = emptySummary(statuses.length);
  for (const status of statuses) summary[status]++;
  return summary;
}

/** A call that ended with these statuses. */
export function lastRun(statuses: Record<string, Status>): LastRun {
  const results = Object.entries(statuses).map(
    ([host, status]): [string, HostResult] => [host, {
      host,
      status,
      changed: status === "changed",
      rc: 0,
      duration_ms: 5,
      phases_ms: {},
      result: null,
      error: null,
    }],
  );
  return {
    start: {
      event: "run_start",
      t: 0,
      run: "r",
      module: "ping",
      args: {},
      hosts: Object.keys(statuses),
      started: "2026-01-01T00:00:00.000Z",
    },
    results: new Map(results),
    end: {
      event: "run_end",
      t: 9,
      duration_ms: 9,
      summary: summaryOf(Object.values(statuses)),
    },
  };
}
