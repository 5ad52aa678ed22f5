// One module call on one host: sends the pack when the host lacks it, then the
// call, and ends with the first of reply, deadline, cancel and lost connection.
import { startRoughTimer } from "../../async/rough_timer.ts";
import { type StartTimer, startTimer } from "../../async/timer.ts";
import { CallError, ConnectError } from "../../errors.ts";
import { onAbort } from "../../async/abort.ts";
import { KILL_AFTER_MS, MAX_RUNNING } from "../../protocol/limits.ts";
import type { CallData, CallEvent, Reply } from "../../protocol/message.ts";
import type { HostAccount, LinkedGate } from "../fleet/host_link.ts";
import type { PreparedModule, PreparedPack } from "../fleet/provision.ts";
import { CANCEL_GRACE_MS } from "../call/grace.ts";

/** The wait after a call's deadline, when the gate sends TERM, and later KILL. */
const GRACE_MS = KILL_AFTER_MS + 5_000;

/** A module call on one host. */
export interface ModuleRequest {
  prepared: PreparedModule;
  data: Omit<CallData, "module" | "pack">;
  /** A pack that the call needs besides the module's own. */
  extraPack?: PreparedPack | undefined;
  /** Cancels the call. */
  signal: AbortSignal;
  onEvent: (event: CallEvent) => void;
  /** Called when the gate is open; the call starts then. */
  onStart: () => void;
}

/** The call's reply, or why the wait for it ended. */
export type CallOutcome =
  | { kind: "reply"; reply: Reply }
  | { kind: "overdue" }
  | { kind: "cancelled"; mayHaveRun: boolean };

/**
 * Makes a call on a host.
 *
 * @throws {ConnectError} when the host cannot be reached or is lost.
 * @throws {GateError} when no gate runs there.
 */
export async function callModule(
  account: HostAccount,
  call: ModuleRequest,
): Promise<CallOutcome> {
  const gate = await account.gate(call.signal);
  gate.opened.then(call.onStart, () => {});
  const limit = new WaitLimit(gate, call);
  try {
    const outcome = await Promise.race([sendCall(gate, call), limit.reached]);
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
    limit.clear();
  }
}

/** Sends the packs and the call; twice when the host has lost a pack. */
async function sendCall(
  gate: LinkedGate,
  call: ModuleRequest,
): Promise<CallOutcome> {
  // What waits in the channel cannot be taken back after a cancel.
  await gate.sending;
  call.signal.throwIfAborted();
  const { name, pack } = call.prepared;
  const data: CallData = { ...call.data, module: name };
  if (pack !== null) data.pack = pack.id;
  const packs = [pack, call.extraPack ?? null].filter((each) => each !== null);
  for (let attempt = 1;; attempt++) {
    const stored = packs.filter(({ id }) => !gate.packs.has(id))
      .map((each) => gate.sendPack(each));
    // When one of these fails, the call after it fails too.
    for (const each of stored) each.catch(() => {});
    const reply = await gate.channel.call({ type: "Call", data }, {
      signal: call.signal,
      onEvent: call.onEvent,
    });
    const isMissing = reply.type === "Error" && reply.data.kind === "no_pack";
    if (!isMissing || packs.length === 0) return { kind: "reply", reply };
    for (const { id } of packs) gate.packs.delete(id);
    for (const each of stored) {
      const refusal = await each;
      if (refusal.type !== "Error") continue;
      throw new CallError(
        `Cannot send the module to the host: ${refusal.data.message}`,
      );
    }
    if (attempt === 2) return { kind: "reply", reply };
  }
}

/** When the wait for a reply ends: some time after a cancel or the deadline. */
class WaitLimit {
  readonly reached: Promise<CallOutcome>;
  readonly #stopListening: () => void;
  readonly #stops: (() => void)[] = [];
  #isCleared = false;

  constructor(gate: LinkedGate, { data, signal }: ModuleRequest) {
    const { promise, resolve } = Promise.withResolvers<CallOutcome>();
    this.reached = promise;
    this.#stopListening = onAbort(signal, () => {
      // A gate that is not open yet confirms nothing.
      this.#after(
        gate.isOpen ? CANCEL_GRACE_MS : 0,
        () => resolve({ kind: "cancelled", mayHaveRun: gate.isSending }),
        startTimer,
      );
    });
    gate.opened.then(() => {
      // The gate's deadline starts when the call leaves its queue.
      const rounds = Math.ceil(gate.channel.pending / MAX_RUNNING);
      const ms = data.timeout_ms! * Math.max(1, rounds) + GRACE_MS;
      this.#after(ms, () => resolve({ kind: "overdue" }), startRoughTimer);
    }, () => {});
  }

  clear(): void {
    this.#isCleared = true;
    for (const stop of this.#stops) stop();
    this.#stopListening();
  }

  #after(ms: number, callback: () => void, start: StartTimer): void {
    if (this.#isCleared) return;
    this.#stops.push(start(callback, ms));
  }
}
