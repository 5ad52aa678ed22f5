// Who is open: the state of each host's gate as the console knows it, kept up
// to date while gates open in the background, serve calls and are lost.
import type { HostResult } from "../../core/call/call.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import type { LinkedGate } from "../../core/fleet/account.ts";
import { FtlError, messageOf } from "../../errors.ts";
import type { Host } from "../../inventory/inventory.ts";
import { CLOSED, type GateState } from "../lines/gate_state.ts";

/** Who is told of what happens. */
export interface GateListeners {
  /** Any state has changed. */
  onChange?: () => void;
  /** A gate that was open ended by itself. */
  onLost?: (host: string, reason: string) => void;
  /** A gate did not open. */
  onFailed?: (host: string, reason: string, hint?: string) => void;
}

/** The gates of one fleet. */
export class GateStatus {
  /** Who is told; nobody at first. */
  listeners: GateListeners = {};
  readonly #fleet: HostFleet;
  readonly #states = new Map<string, GateState>();
  /** When each of those that were met has opened. */
  readonly #openedAt = new WeakMap<LinkedGate, Promise<number>>();
  readonly #opening = new Map<string, Promise<void>>();

  constructor(fleet: HostFleet) {
    this.#fleet = fleet;
  }

  /** Hosts that nothing was asked of are missing. */
  get states(): ReadonlyMap<string, GateState> {
    return this.#states;
  }

  /** How many of these hosts have an open gate. */
  countOpen(hosts: readonly string[]): number {
    let count = 0;
    for (const name of hosts) {
      if (this.#states.get(name)?.state === "open") count++;
    }
    return count;
  }

  /**
   * Opens the gates that are not open, as many as the fleet may have open at a
   * time; resolves when each has opened or failed. Never rejects.
   */
  async open(hosts: readonly Host[], signal: AbortSignal): Promise<void> {
    const closed = hosts.filter(({ name }) =>
      this.#states.get(name)?.state !== "open"
    );
    const open = hosts.length - closed.length;
    const room = Math.max(0, this.#fleet.fanout - open);
    await Promise.all(
      closed.slice(0, room).map((host) => this.#openOnce(host, signal)),
    );
  }

  /** Closes gates. */
  async close(names: readonly string[]): Promise<void> {
    await this.#fleet.release(names);
  }

  /** Takes note of gates that calls have opened. */
  watch(): void {
    for (const [name, gate] of this.#fleet.gates) this.#watchGate(name, gate);
  }

  /** Takes note that calls run as somebody else, who has gates of his own. */
  refresh(): void {
    for (const [name, { state }] of this.#states) {
      if (state === "open") this.#set(name, { state: "closed" });
    }
    this.watch();
  }

  /** Counts a call that has ended on a host, or notes that none could begin. */
  noteResult({ host, status, error }: HostResult): void {
    const state = this.#states.get(host) ?? CLOSED;
    if (status !== "unreachable") {
      this.#states.set(host, { ...state, calls: state.calls + 1 });
    } else if (state.state !== "lost" && state.state !== "open") {
      // A gate that is open is just about to be found lost.
      this.#set(host, { state: "failed", reason: error?.message ?? status });
    }
  }

  #openOnce(host: Host, signal: AbortSignal): Promise<void> {
    let opening = this.#opening.get(host.name);
    if (opening === undefined) {
      opening = this.#open(host, signal)
        .finally(() => this.#opening.delete(host.name));
      this.#opening.set(host.name, opening);
    }
    return opening;
  }

  async #open(host: Host, signal: AbortSignal): Promise<void> {
    const { name } = host;
    this.#set(name, { state: "opening" });
    try {
      const use = { keepOpen: true, onPhase: () => {} };
      await this.#fleet.use(host, use, async (account) => {
        const gate = await account.gate(signal);
        const stop = Promise.withResolvers<never>();
        const abort = () => stop.reject(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        try {
          await Promise.race([gate.opened, stop.promise]);
        } finally {
          signal.removeEventListener("abort", abort);
        }
        this.#watchGate(name, gate);
      });
    } catch (error) {
      if (signal.aborted) return this.#set(name, { state: "closed" });
      const reason = messageOf(error);
      this.#set(name, { state: "failed", reason });
      const hint = error instanceof FtlError ? error.hint : undefined;
      this.listeners.onFailed?.(name, reason, hint);
    }
  }

  #watchGate(name: string, gate: LinkedGate): void {
    const isNew = !this.#openedAt.has(gate);
    if (!isNew && this.#states.get(name)?.state === "open") return;
    const openedAt = this.#openedAt.get(gate) ??
      gate.opened.then(() => Date.now());
    this.#openedAt.set(gate, openedAt);
    Promise.all([gate.opened, openedAt]).then(([{ hello }, openedAt]) => {
      if (gate.isOpen && this.#states.get(name)?.state !== "open") {
        this.#set(name, { state: "open", openedAt, python: hello.python });
      }
    }, () => {}); // calls on it have said why
    if (isNew) {
      gate.channel.closed.then((error) => this.#noteEnd(name, gate, error));
    }
  }

  #noteEnd(name: string, gate: LinkedGate, error: Error | undefined): void {
    const current = this.#fleet.gates.get(name);
    if (current !== undefined && current !== gate) return;
    if (error === undefined) return this.#set(name, { state: "closed" });
    if (this.#states.get(name)?.state !== "open") return;
    this.#set(name, { state: "lost", reason: error.message });
    this.listeners.onLost?.(name, error.message);
  }

  /** Calls and Python stay known; a reason holds for its state only. */
  #set(name: string, change: Omit<GateState, "calls">): void {
    const { reason: _, ...before } = this.#states.get(name) ?? CLOSED;
    this.#states.set(name, { ...before, ...change });
    this.listeners.onChange?.();
  }
}
