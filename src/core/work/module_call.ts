// One module call on one host: the pack when the host lacks it, then the call,
// then whichever comes first of reply, deadline, cancel and loss.
import { startTimer } from "../../async/timer.ts";
import { CallError, ConnectError } from "../../errors.ts";
import { onAbort } from "../../async/abort.ts";
import { KILL_AFTER_MS, MAX_RUNNING } from "../../protocol/limits.ts";
import type { CallData, CallEvent, Reply } from "../../protocol/message.ts";
import type { Account, LinkedGate } from "../fleet/account.ts";
import type { Prepared } from "../fleet/provision.ts";
import { CANCEL_MS } from "../call/grace.ts";

/** How long a gate may take after a call's deadline, at which it sends TERM. */
const GRACE_MS = KILL_AFTER_MS + 5_000;

/** A module call on one host. */
export interface ModuleRequest {
  prepared: Prepared;
  data: Omit<CallData, "module" | "pack">;
  /** Cancels the call. */
  signal: AbortSignal;
  onEvent: (event: CallEvent) => void;
  /** Told when the gate is up and the call with it. */
  onStart: () => void;
}

/** The call's reply, or why none is waited for any more. */
export type CallOutcome =
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
  call: ModuleRequest,
): Promise<CallOutcome> {
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

/** Sends pack and call, twice when the host has lost a pack that it had. */
async function sendCall(
  gate: LinkedGate,
  call: ModuleRequest,
): Promise<CallOutcome> {
  const { name, pack } = call.prepared;
  const data: CallData = { ...call.data, module: name };
  if (pack !== null) data.pack = pack.id;
  for (let attempt = 1;; attempt++) {
    const stored = pack !== null && !gate.packs.has(pack.id)
      ? gate.sendPack(pack)
      : undefined;
    // When it fails, the call that follows it fails too.
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
  readonly passed: Promise<CallOutcome>;
  readonly #deafen: () => void;
  readonly #stops: (() => void)[] = [];
  #isCleared = false;

  constructor(gate: LinkedGate, { data, signal }: ModuleRequest) {
    const { promise, resolve } = Promise.withResolvers<CallOutcome>();
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
      const rounds = Math.ceil(gate.channel.pending / MAX_RUNNING);
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
