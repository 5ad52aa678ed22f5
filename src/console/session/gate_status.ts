// Tracks the state of each host's gate while gates open in the background, serve
// calls and are lost.
import type { HostResult } from "../../core/call/call.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import type { LinkedGate } from "../../core/fleet/host_link.ts";
import { FtlError, messageOf } from "../../errors.ts";
import type { Host } from "../../inventory/inventory.ts";
import { CLOSED, type GateState } from "../lines/gate_state.ts";

/** Callbacks for changes. */
export interface GateListeners {
  /** The state of a gate changed. */
  onChange?: () => void;
  /** An open gate ended on its own. */
  onLost?: (host: string, reason: string) => void;
  /** A result tells why a host was not reached. */
  onTold?: (host: string) => void;
  /** A gate failed to open. */
  onFailed?: (host: string, reason: string, hint?: string) => void;
}

/** The state of one fleet's gates. */
export class GateStatus {
  listeners: GateListeners = {};
  readonly #fleet: HostFleet;
  readonly #states = new Map<string, GateState>();
  /** When each known gate opened. */
  readonly #openedAt = new WeakMap<LinkedGate, Promise<number>>();
  readonly #opening = new Map<string, Promise<void>>();

  constructor(fleet: HostFleet) {
    this.#fleet = fleet;
  }

  /** States by host; without hosts that have not been used. */
  get states(): ReadonlyMap<string, GateState> {
    return this.#states;
  }

  /** Counts the hosts that have an open gate. */
  countOpen(hosts: readonly string[]): number {
    let count = 0;
    for (const name of hosts) {
      if (this.#states.get(name)?.state === "open") count++;
    }
    return count;
  }

  /**
   * Opens the gates that are closed, up to the fleet's limit; resolves when each
   * one has opened or failed. Never rejects.
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

  /** Tracks the gates that calls have opened. */
  watch(): void {
    for (const [name, gate] of this.#fleet.gates) this.#watchGate(name, gate);
  }

  /** Starts over after a change of user: each user has gates of their own. */
  refresh(): void {
    for (const [name, { state }] of this.#states) {
      if (state === "open") this.#set(name, { state: "closed" });
    }
    this.watch();
  }

  /** Counts a finished call on a host, or records that none could start. */
  noteResult({ host, status, error }: HostResult): void {
    const state = this.#states.get(host) ?? CLOSED;
    if (status !== "unreachable") {
      this.#states.set(host, { ...state, calls: state.calls + 1 });
    } else if (state.state !== "lost" && state.state !== "open") {
      // An open gate is about to be reported as lost.
      this.#set(host, { state: "failed", reason: error?.message ?? status });
      this.listeners.onTold?.(host);
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
      // The result of a call that waited for the same attempt has told it.
      if (this.#states.get(name)?.reason === reason) return;
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
    }, () => {}); // calls on it have reported the reason
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

  /** Keeps calls and Python; a reason belongs to one state only. */
  #set(name: string, change: Omit<GateState, "calls">): void {
    const { reason: _, ...before } = this.#states.get(name) ?? CLOSED;
    this.#states.set(name, { ...before, ...change });
    this.listeners.onChange?.();
  }
}
