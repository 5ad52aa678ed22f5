// A run's part on one host: its own arguments and mask, its events, and its one
// result. Never rejects: what goes wrong here is that host's result.
import type { Host } from "../../inventory/inventory.ts";
import type { CallEvent, JsonObject } from "../../protocol/message.ts";
import type { Call, HostResult } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { Learnt } from "../result/learnt.ts";
import { createMask, type Mask, type MaskOptions } from "../result/mask.ts";
import { PhaseClock } from "../result/phase_clock.ts";
import { hasRef, resolveRefs } from "../input/reference.ts";
import {
  type CallContext,
  judgeCancelled,
  judgeError,
  withoutInvocation,
} from "../result/host_result.ts";
import type { Rollout } from "./rollout.ts";
import type { SecretStream } from "../result/secret_texts.ts";
import { HostContext } from "../work/host_context.ts";
import type { Task } from "../work/task.ts";

/** What a host tells before its result; `t` is the run's to add. */
type HostEvent =
  | Untimed<Extract<RunEvent, { event: "host_phase" }>>
  | Untimed<Extract<RunEvent, { event: "output" }>>
  | Untimed<Extract<RunEvent, { event: "progress" }>>;
type Untimed<E> = Omit<E, "t">;

/** What a run may say about its part on each host. */
export interface HostCallOptions {
  /** Leave gates open for the next run. Default: true. */
  keepOpen?: boolean | undefined;
  /** The arguments for each host. Default: the call's. */
  argsFor?: ((host: Host) => JsonObject) | undefined;
  /** Keep `invocation`, the arguments as the module understood them. */
  keepInvocation?: boolean | undefined;
}

/** What is the same for all hosts of a run. */
export interface RunContext {
  fleet: HostFleet;
  call: Call;
  work: Task;
  /** For hosts whose arguments are the call's. */
  mask: Mask;
  /** What it was made from. */
  masking: MaskOptions;
  options: HostCallOptions;
  signal: AbortSignal;
  emit: (event: HostEvent) => void;
  /** Told what a host's answer has told of the call's arguments. */
  onLearnt: (learnt: Learnt) => void;
  /** Says when the host begins, if it does. */
  rollout: Rollout;
}

/** Makes the run's call on one host. Never rejects. */
export async function callHost(
  host: Host,
  context: RunContext,
): Promise<HostResult> {
  const { rollout, signal } = context;
  const about = { host: host.name, duration_ms: 0, phases_ms: {} };
  let stopped: string | undefined;
  try {
    stopped = await rollout.begin(signal);
  } catch {
    return judgeCancelled(about); // the run was cancelled while it waited
  }
  if (stopped !== undefined) {
    return judgeCancelled(about, `The call was not begun: ${stopped}`);
  }
  const result = await callAtOnce(host, context);
  rollout.end(result.status);
  return result;
}

async function callAtOnce(
  host: Host,
  context: RunContext,
): Promise<HostResult> {
  const began = performance.now();
  const { name } = host;
  const clock = new PhaseClock((phase, ms) => {
    if (phase === "call") return; // its result says so
    context.emit({ event: "host_phase", host: name, phase, ms });
  });
  const about: CallContext = {
    host: name,
    duration_ms: 0,
    phases_ms: clock.ms,
  };
  let mask = context.mask;
  let { args } = context.masking;
  let result: HostResult;
  try {
    const { fleet, call, signal, work, options, emit } = context;
    const own = await ownArgs(host, context);
    ({ mask, args } = own);
    if (signal.aborted) result = judgeCancelled(about);
    else {
      const output = new MaskedOutput(name, { mask, emit });
      const hostContext = new HostContext({
        ...own,
        ...{ fleet, host, call, about, clock, signal },
        keepOpen: options.keepOpen ?? true,
        onEvent: (event) => output.push(event),
      });
      result = await work.run(hostContext).finally(() => output.end());
    }
  } catch (error) {
    result = context.signal.aborted && error === context.signal.reason
      ? judgeCancelled(about)
      : judgeError(error, about);
  }
  clock.begin(undefined);
  result.duration_ms = Math.round(performance.now() - began);
  const learning = mask.learn(result, args);
  context.onLearnt(learning.learnt);
  if (!context.options.keepInvocation) result = withoutInvocation(result);
  return learning.result(result);
}

interface OwnArgs {
  args: JsonObject;
  /** Knows the secrets in them. */
  mask: Mask;
  /** Some of these came from variables of the host. */
  holdsSecrets: boolean;
}

/** The arguments for a host. */
async function ownArgs(
  host: Host,
  { options, mask, masking }: RunContext,
): Promise<OwnArgs> {
  const given = options.argsFor?.(host) ?? masking.args;
  if (!hasRef(given)) {
    const own = given === masking.args
      ? mask
      : createMask({ ...masking, args: given });
    return { args: given, mask: own, holdsSecrets: false };
  }
  const { args, secrets } = await resolveRefs(given, host);
  const own = createMask({ ...masking, args, values: secrets });
  return { args, mask: own, holdsSecrets: secrets.length > 0 };
}

/** What a host says while a call runs, masked also where chunks cut a secret. */
class MaskedOutput {
  readonly #host: string;
  readonly #mask: Mask;
  readonly #emit: RunContext["emit"];
  readonly #streams = new Map<"stdout" | "stderr", SecretStream>();

  constructor(host: string, options: Pick<RunContext, "mask" | "emit">) {
    this.#host = host;
    this.#mask = options.mask;
    this.#emit = options.emit;
  }

  push(event: CallEvent): void {
    if (event.type === "Progress") {
      const data = this.#mask.json(event.data.data);
      return this.#emit({ event: "progress", host: this.#host, data });
    }
    const { stream, text } = event.data;
    let masked = this.#streams.get(stream);
    if (masked === undefined) {
      masked = this.#mask.stream();
      this.#streams.set(stream, masked);
    }
    this.#say(stream, masked.push(text));
  }

  /** Gives out what was held back. */
  end(): void {
    for (const [stream, masked] of this.#streams) {
      this.#say(stream, masked.end());
    }
  }

  #say(stream: "stdout" | "stderr", text: string): void {
    if (text === "") return;
    this.#emit({ event: "output", host: this.#host, stream, text });
  }
}
