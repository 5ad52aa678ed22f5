// One host's part of a run: its arguments, its mask, its events, and its one
// result. Never rejects: an error here becomes that host's result.
import { type Phase, PHASES } from "../../errors.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { CallEvent, JsonObject } from "../../protocol/message.ts";
import type { Call, HostResult } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import type { GatherFacts } from "../facts/gather_facts.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { Learned } from "../result/learned.ts";
import { createMask, type Mask, type MaskOptions } from "../result/mask.ts";
import { PhaseClock } from "../result/phase_clock.ts";
import type { ArgumentTemplates } from "../render/render_arguments.ts";
import {
  type CallContext,
  CANCELLED_LATE,
  judgeCancelled,
  judgeError,
  untimed,
  withoutInvocation,
} from "../result/host_result.ts";
import { type HostArguments, hostArguments } from "./host_arguments.ts";
import type { ReceivedFiles } from "./received_files.ts";
import type { ConnectingHosts } from "./connecting_hosts.ts";
import type { OutputBudget } from "./output_budget.ts";
import type { Rollout } from "./rollout.ts";
import type { SecretStream } from "../result/secret_texts.ts";
import { HostContext } from "../work/host_context.ts";
import type { Task } from "../work/task.ts";

/** An event of a host before its result; the run adds `t`. */
type HostEvent =
  | Untimed<Extract<RunEvent, { event: "host_phase" }>>
  | Untimed<Extract<RunEvent, { event: "output" }>>
  | Untimed<Extract<RunEvent, { event: "progress" }>>;
type Untimed<E> = Omit<E, "t">;

/** The options of a run that apply to each host. */
export interface HostCallOptions {
  /** Leave gates open for the next run. Default: true. */
  keepOpen?: boolean | undefined;
  /**
   * Gather the facts of each host first: its variables then have `ansible_facts`.
   * Default: false.
   */
  facts?: boolean | undefined;
  /** Returns the arguments for a host. Default: those of the call. */
  argsFor?: ((host: Host) => JsonObject) | undefined;
  /** Returns what another process has already made of the arguments for a host. */
  ownArguments?:
    | ((host: Host) => {
      readonly args: JsonObject;
      readonly secrets: readonly string[];
    })
    | undefined;
  /**
   * Called each time that a host is connected and the call is about to use it.
   * What it throws becomes the host's result.
   */
  begin?: ((host: string) => Promise<void>) | undefined;
  /**
   * Keep `invocation` in results: the arguments as the module understood them.
   * Default: false.
   */
  keepInvocation?: boolean | undefined;
  /** @internal Files of another machine, in place of those of this one. */
  received?: ReceivedFiles | undefined;
  /** The standard input of a shell command: `chunks` is called for each host. Default: empty. */
  stdin?: { chunks(): AsyncIterable<Uint8Array> } | undefined;
  /**
   * The caller keeps the results of all hosts, so what they hold adds up to a
   * bound. False: a result counts only while its call runs. Default: true.
   */
  keepsResults?: boolean | undefined;
}

/** The parts of a run that all its hosts share. */
export interface RunContext {
  fleet: HostFleet;
  call: Call;
  task: Task;
  /** Gathers facts before the task; undefined when none are asked for. */
  gatherFacts: GatherFacts | undefined;
  /** For hosts whose arguments are those of the call. */
  mask: Mask;
  /** The options of `mask`. */
  masking: MaskOptions;
  /** The names of the hosts of the run. */
  hosts: readonly string[];
  /** For hosts with other arguments; hosts with the same ones share a mask. */
  masks: WeakMap<JsonObject, Mask>;
  /** Renders the arguments; undefined when they are not templates. */
  templates: ArgumentTemplates | undefined;
  options: HostCallOptions;
  signal: AbortSignal;
  emit: (event: HostEvent) => void;
  /** Called with the secrets that a host's result revealed in the arguments. */
  onLearned: (learned: Learned) => void;
  /** Bounds what results hold. */
  budget: OutputBudget;
  /** Bounds how many hosts are connected to at once. */
  connecting: ConnectingHosts;
  /** Decides whether and when the host starts. */
  rollout: Rollout;
}

/** Makes the run's call on one host. Never rejects. */
export async function callHost(
  host: Host,
  context: RunContext,
): Promise<HostResult> {
  const { rollout, signal } = context;
  const callContext = untimed(host.name);
  let stopped: string | undefined;
  try {
    stopped = await rollout.begin(signal);
  } catch {
    return judgeCancelled(callContext); // the run was cancelled during the wait
  }
  if (stopped !== undefined) {
    return judgeCancelled(callContext, `The call was not started: ${stopped}`);
  }
  const connected = await context.connecting.start(signal);
  const result = await callNow(host, context, connected);
  connected();
  rollout.end(result.status);
  return result;
}

async function callNow(
  host: Host,
  context: RunContext,
  onConnected: () => void,
): Promise<HostResult> {
  const began = performance.now();
  const { name } = host;
  const share = context.budget.share();
  const clock = new PhaseClock((phase, ms) => {
    if (phase === "call") return; // the result has it
    context.emit({ event: "host_phase", host: name, phase, ms });
  }, (phase) => {
    if (isAfterLogin(phase)) onConnected();
  });
  const callContext: CallContext = {
    host: name,
    duration_ms: 0,
    phases_ms: clock.ms,
  };
  let mask = context.mask;
  let { args } = context.masking;
  let result: HostResult;
  let hasRun = false;
  let hasFacts = true;
  try {
    const { fleet, call, signal, task, options, emit, gatherFacts } = context;
    const contextFor = (
      seen: Host,
      own: HostArguments & { mask: Mask },
      onEvent: (event: CallEvent) => void,
    ) =>
      new HostContext({
        ...own,
        ...{ fleet, host: seen, call, callContext, clock, signal, onEvent },
        runHosts: context.hosts,
        keepOpen: options.keepOpen ?? true,
        stdin: options.stdin,
        begin: options.begin && (() => options.begin!(name)),
        received: options.received &&
          (() => options.received!.local(name)),
        onRun: () => hasRun = true,
        onVariables: () => hasFacts = false,
        grant: (bytes) => share.grant(bytes),
      });
    const plain = { args, mask, secrets: [] };
    const factless = signal.aborted
      ? judgeCancelled(callContext)
      : await gatherFacts?.(contextFor(host, plain, () => {}));
    const seen = fleet.facts.seen(host);
    const own = factless ? plain : await ownArgs(seen, context);
    ({ mask, args } = own);
    if (factless) result = factless;
    else if (signal.aborted) result = judgeCancelled(callContext);
    else {
      const output = new MaskedOutput(name, { mask, emit });
      const hostContext = contextFor(seen, own, (event) => output.push(event));
      result = await task.run(hostContext).finally(() => output.end());
    }
  } catch (error) {
    result = context.signal.aborted && error === context.signal.reason
      ? judgeCancelled(callContext, hasRun ? CANCELLED_LATE : undefined)
      : judgeError(error, callContext);
  }
  clock.begin(undefined);
  const { facts } = context.fleet;
  if (!(context.options.keepOpen ?? true)) facts.forget(name);
  else if (hasFacts) facts.note(name, result.result);
  result = share.fit(result);
  result.duration_ms = Math.round(performance.now() - began);
  const learning = mask.learn(result, args);
  context.onLearned(learning.learned);
  if (context.options.keepsResults === false) share.release();
  if (!context.options.keepInvocation) result = withoutInvocation(result);
  return learning.result(result);
}

function isAfterLogin(phase: Phase): boolean {
  return PHASES.indexOf(phase) > PHASES.indexOf("auth");
}

/** The arguments for a host, and the mask of what is secret in them. */
async function ownArgs(
  host: Host,
  { options, mask, masking, templates, masks }: RunContext,
): Promise<HostArguments & { mask: Mask }> {
  const own = await hostArguments(host, {
    ...{ args: masking.args, templates, chosen: options.ownArguments },
    argsFor: options.argsFor,
  });
  const { args, secrets } = own;
  if (args === masking.args && secrets.length === 0) return { ...own, mask };
  let made = masks.get(args);
  if (made === undefined) {
    made = createMask({ ...masking, args, values: secrets });
    masks.set(args, made);
  }
  return { ...own, mask: made };
}

/** A call's output while it runs, masked even where chunks split a secret. */
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
    this.#emitOutput(stream, masked.push(text));
  }

  /** Emits the text that was held back. */
  end(): void {
    for (const [stream, masked] of this.#streams) {
      this.#emitOutput(stream, masked.end());
    }
  }

  #emitOutput(stream: "stdout" | "stderr", text: string): void {
    if (text === "") return;
    this.#emit({ event: "output", host: this.#host, stream, text });
  }
}
