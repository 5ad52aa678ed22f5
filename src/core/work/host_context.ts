// One host's turn in a run: how whatever a call comes to reaches the host. What
// is opened is opened at its first use, and used by all parts of the turn.
import { Deadline, within } from "../../async/deadline.ts";
import type { Phase } from "../../errors.ts";
import type { Host } from "../../inventory/inventory.ts";
import type {
  CallData,
  CallEvent,
  JsonObject,
} from "../../protocol/message.ts";
import type { Connection } from "../../transport/transport.ts";
import type { Account, LinkedGate } from "../fleet/account.ts";
import { CALL_DEFAULTS } from "../call/call_defaults.ts";
import type { Call, HostResult } from "../call/call.ts";
import { runShell } from "../shell/run_shell.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";

import { callModule, type CallOutcome } from "./module_call.ts";
import type { PhaseClock } from "../result/phase_clock.ts";
import type { Prepared } from "../fleet/provision.ts";
import {
  type CallContext,
  judge,
  judgeCancelled,
  judgeOverdue,
} from "../result/host_result.ts";
import { receiveFile, removeFile, stageFile } from "../shell/transfer.ts";
import { withinCall } from "../call/within_call.ts";
import { MAX_FETCHED } from "../call/call_defaults.ts";

/** How long removing a file that was lent may take. */
const REMOVE_MS = 5_000;
/** The same, once the run is cancelled. */
const REMOVE_CANCELLED_MS = 300;

/** What a turn is made of. */
export interface HostContextOptions {
  fleet: HostFleet;
  host: Host;
  call: Call;
  /** The call's arguments for this host. */
  args: JsonObject;
  /** Whether some of them are secrets from the host's variables. */
  holdsSecrets: boolean;
  about: CallContext;
  clock: PhaseClock;
  /** Leave the host open afterwards. */
  keepOpen: boolean;
  signal: AbortSignal;
  onEvent: (event: CallEvent) => void;
}

/** One host's turn. */
export class HostContext {
  readonly host: Host;
  readonly call: Call;
  readonly args: JsonObject;
  readonly about: CallContext;
  readonly signal: AbortSignal;
  readonly #options: HostContextOptions;

  constructor(options: HostContextOptions) {
    this.host = options.host;
    this.call = options.call;
    this.args = options.args;
    this.about = options.about;
    this.signal = options.signal;
    this.#options = options;
  }

  /** How long the call may take. */
  get timeoutMs(): number {
    return this.call.timeoutMs ?? CALL_DEFAULTS.timeoutMs;
  }

  get onEvent(): (event: CallEvent) => void {
    return this.#options.onEvent;
  }

  /** From now on the time is the call's. */
  beginCall(): void {
    this.#options.clock.begin("call");
  }

  /** Does work on the host; it stays open meanwhile. */
  use<T>(work: (host: OpenHost) => Promise<T>): Promise<T> {
    const { fleet, host, keepOpen, clock } = this.#options;
    const onPhase = (phase: Phase | undefined) => clock.begin(phase);
    return fleet.use(
      host,
      { keepOpen, onPhase },
      (account) => work(new OpenHost(account, this.#options)),
    );
  }

  /** Closes the host; its next use opens it anew. */
  async release(): Promise<void> {
    await this.#options.fleet.release([this.host.name]);
  }
}

/** A host in use. */
export class OpenHost {
  readonly #account: Account;
  readonly #options: HostContextOptions;

  constructor(account: Account, options: HostContextOptions) {
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

  /** Runs a command in `/bin/sh`. */
  async shell(command: string): Promise<HostResult> {
    const { call, clock, about, signal, onEvent } = this.#options;
    const connection = await this.connection();
    clock.begin("call");
    return await runShell(connection, {
      command,
      env: call.env ?? {},
      timeoutMs: call.timeoutMs ?? CALL_DEFAULTS.timeoutMs,
      signal,
      about,
      ...(call.stream ? { onOutput: onEvent } : {}),
    });
  }

  /** Lends a file to the host for as long as some work there takes. */
  async stage<T>(
    file: { size: number; open(): Promise<ReadableStream<Uint8Array>> },
    { mode, isUsedUp = () => false }: {
      mode: number;
      /** Whether the work has moved the file away. */
      isUsedUp?: (done: T) => boolean;
    },
    work: (path: string) => Promise<T>,
  ): Promise<T> {
    const connection = await this.connection();
    const hello = (await this.#account.gateIfOpen?.opened)?.hello;
    const content = await file.open();
    const path = await this.#timed(
      "The file was not on the host",
      (signal) =>
        stageFile(connection, {
          content,
          size: file.size,
          gate: hello?.folder
            ? { folder: hello.folder, pid: hello.pid }
            : undefined,
          mode,
          signal,
        }),
    );
    let done: T | undefined;
    try {
      return done = await work(path);
    } finally {
      if (done === undefined || !isUsedUp(done)) {
        await this.#remove(path, connection);
      }
    }
  }

  /** Reads a file of the host. */
  async receive(
    path: string,
    into: WritableStream<Uint8Array>,
  ): Promise<number> {
    const connection = await this.connection();
    return await this.#timed(
      "The file had not come from the host",
      (signal) =>
        receiveFile(connection, { path, into, maxSize: MAX_FETCHED, signal }),
    );
  }

  async #remove(path: string, connection: Connection): Promise<void> {
    const signal = AbortSignal.timeout(REMOVE_MS);
    // What stays is swept with what gates leave behind.
    const removed = removeFile(connection, { path, signal }).catch(() => {});
    const deadline = new Deadline(this.#options.signal);
    const ms = REMOVE_CANCELLED_MS;
    await deadline.race(removed)
      .catch(() => within(removed, { ms, instead: undefined }));
    deadline.clear();
  }

  /** Does a part of the call that may take as long as all of it. */
  #timed<T>(
    state: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { call, signal } = this.#options;
    const timeoutMs = call.timeoutMs ?? CALL_DEFAULTS.timeoutMs;
    return withinCall({ signal, timeoutMs, state }, work);
  }

  /** Runs a module, as the call says in all but its arguments. */
  async module(prepared: Prepared, args: JsonObject): Promise<HostResult> {
    const { call, clock, about, signal, onEvent } = this.#options;
    const timeoutMs = call.timeoutMs ?? CALL_DEFAULTS.timeoutMs;
    const data = {
      args,
      timeout_ms: timeoutMs,
      ...(call.env === undefined ? {} : { env: { ...call.env } }),
      ...(call.stream ? { stream: true } : {}),
      ...(call.check ? { check: true } : {}),
      ...("module" in call && call.fresh ? { fresh: true } : {}),
      ...settingsFor(prepared, this.#options),
    };
    const outcome = await callModule(this.#account, {
      prepared,
      data,
      signal,
      onEvent,
      onStart: () => clock.begin("call"),
    });
    return judgeOutcome(outcome, { about, timeoutMs });
  }
}

/**
 * What the gate is to tell a module of Ansible's besides its arguments. A call
 * whose module does not know all that is secret in it must not log at all: it
 * would write its arguments to the host's syslog.
 */
function settingsFor(
  { kind, secrets }: Prepared,
  { call, holdsSecrets }: HostContextOptions,
): Pick<CallData, "settings"> {
  if (kind !== "new") return {};
  const noLog = call.noLog || holdsSecrets ||
    !(call.secrets ?? []).every((name) => secrets.includes(name));
  const settings: JsonObject = {
    ...(call.diff ? { diff: true } : {}),
    ...(noLog ? { no_log: true } : {}),
    ...(call.verbosity ? { verbosity: call.verbosity } : {}),
  };
  return Object.keys(settings).length > 0 ? { settings } : {};
}

function judgeOutcome(
  outcome: CallOutcome,
  { about, timeoutMs }: { about: CallContext; timeoutMs: number },
): HostResult {
  if (outcome.kind === "reply") return judge(outcome.reply, about);
  if (outcome.kind === "overdue") {
    return judgeOverdue(
      about,
      `The host has not answered by the deadline of ${timeoutMs / 1000} s`,
    );
  }
  return outcome.hadBegun
    ? judgeCancelled(about, "The host did not say in time that the call ended")
    : judgeCancelled(about);
}
