// One module call on one host: the pack when the host lacks it, the call right
// behind it, and then whichever comes first of reply, deadline, cancel and loss.
import { startTimer } from "../async/timer.ts";
import { CallError, ConnectError } from "../errors.ts";
import type { Host } from "../inventory/inventory.ts";
import { onAbort } from "../async/abort.ts";
import type { CallData, CallEvent, Reply } from "../protocol/message.ts";
import type { Account, LinkedGate } from "./reach/account.ts";
import type { Fleet } from "./fleet.ts";
import { CANCEL_MS } from "./grace.ts";
import type { Prepared } from "./provision.ts";

/** How long a gate may take beyond a call's deadline: it kills after 5 s. */
const GRACE_MS = 10_000;
/** How many calls a gate runs side by side (docs/protocol.md). */
const SIDE_BY_SIDE = 16;

/** What a module call needs. */
export interface ModuleCall {
  fleet: Fleet;
  host: Host;
  prepared: Prepared;
  data: Omit<CallData, "module" | "pack">;
  /** Cancels the call. */
  signal: AbortSignal;
  onEvent: (event: CallEvent) => void;
  /** Told when the gate is up and the call with it. */
  onStart: () => void;
}

/** The call's reply, or why none is waited for any more. */
export type Outcome =
  | { kind: "reply"; reply: Reply }
  | { kind: "overdue" }
  | { kind: "cancelled"; hadBegun: boolean };

/**
 * Makes a call on a host.
 *
 * @throws {ConnectError} when the host cannot be reached or is lost.
 * @throws {GateError} when no gate runs there.
 */
export async function callModule(
  account: Account,
  call: ModuleCall,
): Promise<Outcome> {
  const gate = await account.gate(call.signal);
  gate.opened.then(call.onStart, () => {});
  const bounds = new Bounds(gate, call);
  try {
    const outcome = await Promise.race([sendCall(gate, call), bounds.passed]);
    if (outcome.kind !== "reply" && gate.isOpen) {
      const why = outcome.kind === "overdue" ? "the deadline" : "a cancel";
      account.dropGate(
        gate,
        new ConnectError(`Lost the gate: it ignored ${why}`, {
          phase: "call",
        }),
      );
    }
    return outcome;
  } finally {
    bounds.clear();
  }
}

/** Sends what is needed, twice when the host has lost a pack it was known for. */
async function sendCall(gate: LinkedGate, call: ModuleCall): Promise<Outcome> {
  const { name, pack } = call.prepared;
  const data: CallData = { ...call.data, module: name };
  if (pack !== null) data.pack = pack.id;
  for (let attempt = 1;; attempt++) {
    const stored = pack !== null && !gate.packs.has(pack.id)
      ? call.fleet.sendPack(gate, pack)
      : undefined;
    // It fails as the call behind it does.
    stored?.catch(() => {});
    const reply = await gate.channel.call({ type: "Call", data }, {
      signal: call.signal,
      onEvent: call.onEvent,
    });
    const isMissing = reply.type === "Error" && reply.data.kind === "no_pack";
    if (!isMissing || pack === null) return { kind: "reply", reply };
    gate.packs.delete(pack.id);
    const refusal = await stored;
    if (refusal?.type === "Error") {
      throw new CallError(
        `Cannot give the module to the host: ${refusal.data.message}`,
      );
    }
    if (attempt === 2) return { kind: "reply", reply };
  }
}

/** When a reply is not waited for any more. */
class Bounds {
  readonly passed: Promise<Outcome>;
  readonly #deafen: () => void;
  readonly #stops: (() => void)[] = [];
  #isCleared = false;

  constructor(gate: LinkedGate, { data, signal }: ModuleCall) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.passed = promise;
    this.#deafen = onAbort(signal, () => {
      const hadBegun = gate.isOpen;
      // A gate that is not up yet has nothing to end.
      this.#after(
        hadBegun ? CANCEL_MS : 0,
        () => resolve({ kind: "cancelled", hadBegun }),
      );
    });
    gate.opened.then(() => {
      // The gate counts from the moment that the call leaves its queue.
      const rounds = Math.ceil(gate.channel.pending / SIDE_BY_SIDE);
      this.#after(
        data.timeout_ms! * Math.max(1, rounds) + GRACE_MS,
        () => resolve({ kind: "overdue" }),
      );
    }, () => {});
  }

  clear(): void {
    this.#isCleared = true;
    for (const stop of this.#stops) stop();
    this.#deafen();
  }

  #after(ms: number, callback: () => void): void {
    if (this.#isCleared) return;
    this.#stops.push(startTimer(callback, ms));
  }
}
