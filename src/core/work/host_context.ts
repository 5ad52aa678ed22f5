// Everything that one host needs while a call runs on it. The connection and the
// gate are opened on first use, and shared by all parts of the task.
import { untilAbort } from "../../async/abort.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { HostTemplates } from "../../inventory/templates/host_templates.ts";
import type { Vault } from "../../inventory/vault.ts";
import type {
  CallData,
  CallEvent,
  HelloData,
  JsonObject,
} from "../../protocol/message.ts";
import type { Connection } from "../../transport/transport.ts";
import type {
  HostAccount,
  LinkedGate,
  PhaseListener,
} from "../fleet/host_link.ts";
import { CALL_DEFAULTS } from "../call/call_defaults.ts";
import type { Call, HostResult } from "../call/call.ts";
import type { CommandInput } from "../shell/host_input.ts";
import { runShell } from "../shell/run_shell.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import { ModulePrinting } from "./module_printing.ts";
import { callModule, type CallOutcome } from "./module_call.ts";
import type { LocalSource } from "./local_source.ts";
import type { PhaseClock } from "../result/phase_clock.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import {
  type CallContext,
  CANCELLED_LATE,
  judge,
  judgeCancelled,
  judgeOverdue,
} from "../result/host_result.ts";
import { receiveFile } from "../shell/transfer.ts";
import { leaves } from "../result/learned.ts";
import type { Mask } from "../result/mask.ts";
import {
  type StagedContent,
  stageOnHost,
  type StagingOptions,
} from "./stage_on_host.ts";
import type { SetBy } from "../fleet/session_inventory.ts";
import { withinCall } from "../call/within_call.ts";

/** The parts of a host context. */
export interface HostContextOptions {
  fleet: HostFleet;
  host: Host;
  call: Call;
  /** The call's arguments for this host. */
  args: JsonObject;
  /** The secrets in them that came from the host's variables. */
  secrets: readonly string[];
  /** Masks the secrets in them. */
  mask: Mask;
  /** The names of the hosts of the run. */
  runHosts: readonly string[];
  callContext: CallContext;
  clock: PhaseClock;
  /** Whether the host stays open afterwards. */
  keepOpen: boolean;
  /** Resolves to what the call reads, where another machine has sent it. */
  received?: (() => Promise<LocalSource>) | undefined;
  /** The standard input of a shell command. */
  stdin?: CommandInput | undefined;
  /** Called when the host is connected, before anything runs there. */
  begin?: (() => Promise<void>) | undefined;
  signal: AbortSignal;
  onEvent: (event: CallEvent) => void;
  /** Called when a part of the call has run on the host. */
  onRun: () => void;
  /** Called when the `ansible_facts` of the result are variables, not facts. */
  onVariables: () => void;
  /** Takes room for output; returns how much of it may be kept. */
  grant: (bytes: number) => number;
}

/** How one module of a call runs. */
export interface StepOptions {
  /** Its deadline. Default: that of the call. */
  timeoutMs?: number;
  /** Whether it is the one that a call in the background starts as a job. */
  mayBeJob?: boolean;
}

/** One host while a call runs on it. */
export class HostContext {
  readonly host: Host;
  readonly call: Call;
  readonly args: JsonObject;
  readonly callContext: CallContext;
  readonly signal: AbortSignal;
  readonly #options: HostContextOptions;

  constructor(options: HostContextOptions) {
    this.host = options.host;
    this.call = options.call;
    this.args = options.args;
    this.callContext = options.callContext;
    this.signal = options.signal;
    this.#options = options;
  }

  /** Decrypts files of the controller. */
  get vault(): Vault | undefined {
    return this.#options.fleet.vault;
  }

  /** Renders templates for the hosts of the fleet. */
  templates(): Promise<HostTemplates> {
    return this.#options.fleet.templates();
  }

  /** The names of the hosts of the run. */
  get runHosts(): readonly string[] {
    return this.#options.runHosts;
  }

  /** What the call reads of the machine that it was started on. */
  local(
    read: () => Promise<LocalSource | undefined>,
  ): Promise<LocalSource | undefined> {
    return this.#options.received?.() ?? read();
  }

  /** Masks texts in all output from now on. */
  keepSecrets(texts: Iterable<string>): void {
    for (const text of texts) this.#options.fleet.secrets.add(text);
  }

  /** Masks the secrets in the arguments in all output from now on. */
  keepArgumentSecrets(): void {
    const { call, args, secrets } = this.#options;
    const declared = (call.secrets ?? []).map((name) => args[name] ?? null);
    this.keepSecrets([...secrets, ...leaves(declared)]);
  }

  /** The deadline of the call. */
  get timeoutMs(): number {
    return this.call.timeoutMs ?? CALL_DEFAULTS.timeoutMs;
  }

  get onEvent(): (event: CallEvent) => void {
    return this.#options.onEvent;
  }

  /** Starts the phase `call` of the host. */
  beginCall(): void {
    this.#options.clock.begin("call");
  }

  /** Runs `work` on the host, which stays open until it ends. */
  use<T>(work: (host: OpenHost) => Promise<T>): Promise<T> {
    const { fleet, host, keepOpen, clock, begin, signal } = this.#options;
    const onPhase: PhaseListener = (phase, agoMs) => clock.begin(phase, agoMs);
    return fleet.use(host, { keepOpen, onPhase }, async (account) => {
      if (begin !== undefined) {
        await account.connection(signal);
        await begin();
      }
      return await work(new OpenHost(account, this.#options));
    });
  }

  /** Whether the host is this machine. */
  async isLocal(): Promise<boolean> {
    const { fleet, host } = this.#options;
    return (await fleet.routeTo(host)).endpoint.transport === "local";
  }

  /** Whether nothing of ours is put on the host's disks. */
  async isInMemory(): Promise<boolean> {
    const { fleet, host } = this.#options;
    return (await fleet.routeTo(host)).inMemory;
  }

  /**
   * Sets variables of the host for the later calls of a session.
   *
   * @param options `by`: what sets them. `areFacts`: whether they are also facts, as
   *   in a result of `setup`. Default: they are not, as in Ansible.
   */
  setVariables(
    variables: Readonly<Record<string, unknown>>,
    { by, areFacts = false }: { by: SetBy; areFacts?: boolean },
  ): void {
    if (!areFacts) this.#options.onVariables();
    const { fleet, host } = this.#options;
    const change = fleet.session?.addHost(host.name, variables, by);
    if (change !== undefined) fleet.replace(change.host);
  }

  /** Closes the host; its next use opens it again. */
  async release(): Promise<void> {
    await this.#options.fleet.release([this.host.name]);
  }
}

/** A host that is open, as the user that the call runs as. */
export class OpenHost {
  readonly #account: HostAccount;
  readonly #options: HostContextOptions;

  constructor(account: HostAccount, options: HostContextOptions) {
    this.#account = account;
    this.#options = options;
  }

  /** @throws {ConnectError} when the host cannot be reached. */
  connection(): Promise<Connection> {
    return this.#account.connection(this.#options.signal);
  }

  /** @throws {ConnectError} when the host cannot be reached. */
  gate(): Promise<LinkedGate> {
    return this.#account.gate(this.#options.signal);
  }

  /**
   * Waits until the gate is open.
   *
   * @throws {ConnectError} when the host cannot be reached.
   */
  async hello(signal: AbortSignal): Promise<{ hello: HelloData }> {
    const gate = await this.gate();
    return await untilAbort(gate.opened, signal);
  }

  /** The deadline of the call. */
  get #timeoutMs(): number {
    return this.#options.call.timeoutMs ?? CALL_DEFAULTS.timeoutMs;
  }

  /** Runs a command in `/bin/sh`. */
  async shell(command: string): Promise<HostResult> {
    const { call, clock, callContext, signal, onEvent, onRun, grant, stdin } =
      this.#options;
    const connection = await this.connection();
    clock.begin("call");
    const result = await runShell(connection, {
      command,
      env: call.env ?? {},
      timeoutMs: this.#timeoutMs,
      maxOutput: call.maxOutput ?? CALL_DEFAULTS.maxOutput,
      signal,
      callContext,
      ...(stdin && "command" in call ? { stdin } : {}),
      grant,
      ...(call.stream ? { onOutput: onEvent } : {}),
    });
    onRun();
    return result;
  }

  /** Puts a temporary file on the host while `work` runs. */
  async stage<T>(
    file: StagedContent,
    staging: StagingOptions<T>,
    work: (path: string) => Promise<T>,
  ): Promise<T> {
    const { fleet, host, signal } = this.#options;
    const context = {
      account: this.#account,
      signal,
      route: await fleet.routeTo(host),
      timed: <R>(part: (signal: AbortSignal) => Promise<R>) =>
        this.#timed("The file was not on the host", part),
    };
    return await stageOnHost(file, { ...staging, ...context }, work);
  }

  /**
   * Reads a file on the host; resolves to its size in bytes. `into` is closed at the
   * end, and aborted after an error.
   */
  async receive(
    path: string,
    into: WritableStream<Uint8Array>,
  ): Promise<number> {
    try {
      const connection = await this.connection();
      return await this.#timed(
        "The file was not received from the host",
        (signal) =>
          receiveFile(connection, {
            path,
            into,
            maxSize: CALL_DEFAULTS.maxFetchBytes,
            signal,
          }),
      );
    } catch (error) {
      into.abort(error).catch(() => {}); // it may have been used, and aborted
      throw error;
    }
  }

  /** Runs a part of the call that may take as long as the whole call. */
  #timed<T>(
    state: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { signal } = this.#options;
    const timeoutMs = this.#timeoutMs;
    return withinCall({ signal, timeoutMs, state }, work);
  }

  /**
   * Runs a module with the settings of the call and its own arguments. Where the
   * call runs in the background and the module is what it is about, the result is
   * that the job was started.
   */
  async module(
    prepared: PreparedModule,
    args: JsonObject,
    options: StepOptions = {},
  ): Promise<HostResult> {
    const { call, clock, callContext, signal, onEvent } = this.#options;
    const job = options.mayBeJob ? await jobOf(this.#options) : undefined;
    const timeoutMs = job?.timeoutMs ?? options.timeoutMs ?? this.#timeoutMs;
    const data = {
      args,
      timeout_ms: timeoutMs,
      ...(call.env === undefined ? {} : { env: { ...call.env } }),
      ...(call.stream ? { stream: true } : {}),
      ...(call.check ? { check: true } : {}),
      ...("module" in call && call.fresh ? { fresh: true } : {}),
      ...(call.maxOutput === undefined ? {} : { max_output: call.maxOutput }),
      ...settingsFor(prepared, this.#options),
      ...(job && { job: job.data }),
    };
    // The result of a native module is not in its output.
    const printing = prepared.kind === "native"
      ? undefined
      : new ModulePrinting(onEvent);
    const outcome = await callModule(this.#account, {
      prepared,
      data,
      extraPack: job?.pack,
      signal,
      onEvent: (event) => printing ? printing.push(event) : onEvent(event),
      onStart: () => clock.begin("call"),
    }).finally(() => printing?.end());
    this.#options.onRun();
    return judgeOutcome(outcome, { callContext, timeoutMs });
  }
}

/** How the call starts as a job; undefined when it is waited for. */
async function jobOf({ call, host, mask }: HostContextOptions) {
  if (!("module" in call) || call.background === undefined) return undefined;
  const { jobStart } = await import("./job_start.ts");
  const { background, module, noLog = false } = call;
  const hidden = mask.forms();
  return await jobStart(host, { background, module, noLog, hidden });
}

/**
 * The settings that the gate passes to an Ansible module besides its arguments. A
 * module that does not know all secrets of the call must not log: it would write
 * its arguments to the host's syslog.
 */
function settingsFor(
  { kind, secrets: declared }: PreparedModule,
  { call, secrets }: HostContextOptions,
): Pick<CallData, "settings"> {
  if (kind === "native") return {};
  const noLog = call.noLog || secrets.length > 0 ||
    !(call.secrets ?? []).every((name) => declared.includes(name));
  const settings: JsonObject = {
    ...(call.diff ? { diff: true } : {}),
    ...(noLog ? { no_log: true } : {}),
    ...(call.verbosity ? { verbosity: call.verbosity } : {}),
  };
  return Object.keys(settings).length > 0 ? { settings } : {};
}

function judgeOutcome(
  outcome: CallOutcome,
  { callContext, timeoutMs }: { callContext: CallContext; timeoutMs: number },
): HostResult {
  if (outcome.kind === "reply") return judge(outcome.reply, callContext);
  if (outcome.kind === "overdue") {
    return judgeOverdue(
      callContext,
      `The host did not answer by the deadline of ${timeoutMs / 1000} s`,
    );
  }
  return outcome.mayHaveRun
    ? judgeCancelled(callContext, CANCELLED_LATE)
    : judgeCancelled(callContext);
}
