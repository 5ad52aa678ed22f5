// Runs a shell command on one host, on a Stream of its own and without Python. The
// command ends with its main process; a deadline, a cancel or a lost connection
// ends its whole process group on the host.
import { onAbort } from "../../async/abort.ts";
import { within } from "../../async/deadline.ts";
import { startTimer } from "../../async/timer.ts";
import { ConnectError } from "../../errors.ts";
import { becauseOf, describeExit } from "../../gate/open/open_errors.ts";
import {
  KILL_AFTER_MS,
  MAX_STDERR,
  MAX_STDOUT,
} from "../../protocol/limits.ts";
import type { CallEvent } from "../../protocol/message.ts";
import type { Exit, Stream } from "../../transport/transport.ts";
import type { HostResult } from "../call/call.ts";
import {
  type CallContext,
  CANCELLED_LATE,
  judgeCancelled,
  judgeOverdue,
} from "../result/host_result.ts";
import { CANCEL_GRACE_MS } from "../call/grace.ts";
import { ShellOutput, waitForShell, WATCH_S } from "./shell_output.ts";
import type { CommandInput } from "./host_input.ts";
import {
  NO_SCRIPT,
  noScriptText,
  shellInput,
  STDIN_END,
  stdinFrame,
} from "./shell_script.ts";
import { type ShellConnection, startShell } from "./start_shell.ts";

/** How long TERM, KILL and the reply may take after the deadline. */
const KILL_MS = KILL_AFTER_MS + 3_000;
/** An output that stays open is dropped after this long without data, */
const QUIET_MS = 200;
/** and at the latest this long after the end of the main process. */
const LINGER_MS = 1_000;

/** A command for one host. */
export interface ShellRequest {
  /** Any text that a POSIX shell takes. */
  command: string;
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** How many bytes of stdout are kept. Default: 32 MiB. */
  maxOutput?: number;
  /** Cancels the command. */
  signal: AbortSignal;
  callContext: CallContext;
  onOutput?: (event: CallEvent) => void;
  /** The command's standard input. Default: empty. */
  stdin?: CommandInput;
  /** Takes room for output; returns how much of it may be kept. Default: all. */
  grant?: (bytes: number) => number;
}

/**
 * Runs a command with `/bin/sh`, for any login shell.
 *
 * @throws {GateError} when the account runs no commands.
 * @throws {ConnectError} when the connection is lost.
 */
export async function runShell(
  connection: ShellConnection,
  call: ShellRequest,
): Promise<HostResult> {
  const input = shellInput({
    command: call.command,
    env: call.env,
    seconds: Math.ceil(call.timeoutMs / 1000) + WATCH_S,
    hasStdin: call.stdin !== undefined,
  });
  const { stream, nonce } = await startShell(connection, {
    signal: call.signal,
    input: new TextEncoder().encode(input),
  });
  try {
    const command = new Command(stream, nonce, call);
    return await command.run(connection.startMs);
  } catch (error) {
    if (call.signal.aborted && error === call.signal.reason) {
      // The shell has the command, and has not reported that it runs.
      return judgeCancelled(call.callContext, CANCELLED_LATE);
    }
    // It may run before the shell's first words have arrived here.
    const isLost = error instanceof LostError ||
      (error instanceof ConnectError && error.phase === "python");
    if (!isLost) throw error;
    const ms = 1000; // the connection reports its end a moment later
    throw await within(connection.closed, { ms, instead: undefined }) ?? error;
  } finally {
    stream.close();
  }
}

/** The command was lost; the end of its connection may hold the reason. */
class LostError extends ConnectError {}

type Ending = "exit" | "deadline" | "cancel" | "input";

/** A running command. */
class Command {
  readonly #stream: Stream;
  readonly #nonce: string;
  readonly #call: ShellRequest;
  readonly #stdout: ShellOutput;
  readonly #stderr: ShellOutput;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  #isOver = false;
  #inputError: unknown;

  constructor(stream: Stream, nonce: string, call: ShellRequest) {
    const read = (name: "stdout" | "stderr", limit: number) =>
      new ShellOutput(stream[name], {
        nonce,
        limit,
        grant: call.grant,
        ...(call.onOutput && {
          onText: (text: string) =>
            call.onOutput?.({ type: "Output", data: { stream: name, text } }),
        }),
      });
    this.#stream = stream;
    this.#nonce = nonce;
    this.#call = call;
    this.#stdout = read("stdout", call.maxOutput ?? MAX_STDOUT);
    this.#stderr = read("stderr", MAX_STDERR);
    this.#stdin = stream.stdin.getWriter();
    // An error of stdin also ends the outputs, which are watched.
    this.#stdin.closed.catch(() => {});
  }

  async run(startMs?: number): Promise<HostResult> {
    await waitForShell(this.#stream, {
      stdout: this.#stdout,
      stderr: this.#stderr,
      signal: this.#call.signal,
      startMs,
      mayRun: true,
    });
    const ending = await this.#waitForEnd();
    if (ending === "input") {
      await this.#kill(ending);
      throw this.#inputError;
    }
    const exit = ending === "exit"
      ? await this.#stream.exit
      : await this.#kill(ending);
    await this.#drain();
    return this.#judge(ending, exit);
  }

  async #waitForEnd(): Promise<Ending> {
    const { signal, timeoutMs } = this.#call;
    const end = Promise.withResolvers<Ending>();
    const cancel = () => end.resolve("cancel");
    const stop = startTimer(() => end.resolve("deadline"), timeoutMs);
    if (signal.aborted) cancel();
    const stopListening = onAbort(signal, cancel);
    this.#stream.exit.then(() => end.resolve("exit"));
    this.#feed().catch((error) => {
      this.#inputError = error;
      end.resolve("input");
    });
    try {
      return await end.promise;
    } finally {
      this.#isOver = true;
      stop();
      stopListening();
    }
  }

  /**
   * Sends the command's stdin, as fast as the host takes it.
   *
   * @throws what reading the input throws.
   */
  async #feed(): Promise<void> {
    if (this.#call.stdin === undefined) return;
    for await (const chunk of this.#call.stdin.chunks()) {
      if (this.#isOver) return;
      if (chunk.length > 0) await this.#send(stdinFrame(chunk));
    }
    await this.#send(STDIN_END);
  }

  /** Never rejects: an error of stdin also ends the outputs, which are watched. */
  async #send(bytes: Uint8Array): Promise<void> {
    await this.#stdin.write(bytes).catch(() => this.#isOver = true);
  }

  /** Ends stdin, so that the watcher ends the command's process group. */
  async #kill(ending: Ending): Promise<Exit | undefined> {
    this.#stdin.close().catch(() => {});
    return await within(this.#stream.exit, {
      ms: ending === "deadline" ? KILL_MS : CANCEL_GRACE_MS,
      instead: undefined,
    });
  }

  /** Reads the rest of the outputs; a daemon may hold them open. */
  async #drain(): Promise<void> {
    const both = Promise.all([this.#stdout.ended, this.#stderr.ended]);
    const ended = both.then(() => true);
    const latest = performance.now() + LINGER_MS;
    for (;;) {
      const quiet = Math.min(this.#stdout.quietMs, this.#stderr.quietMs);
      const ms = Math.min(QUIET_MS - quiet, latest - performance.now());
      if (await within(ended, { ms: Math.max(ms, 10), instead: false })) return;
      const isQuiet = Math.min(this.#stdout.quietMs, this.#stderr.quietMs) >=
        QUIET_MS;
      if (isQuiet || performance.now() >= latest) return;
    }
  }

  #judge(ending: Exclude<Ending, "input">, exit: Exit | undefined): HostResult {
    const { callContext, timeoutMs } = this.#call;
    const rc = exit?.code ?? null;
    const stdout = this.#stdout.text;
    const stderr = this.#stderr.hasBegun
      ? this.#stderr.text
      : this.#stderr.noise;
    const output = { rc, result: { rc, stdout, stderr } };
    if (ending === "cancel") {
      return {
        ...judgeCancelled(callContext, "The run was cancelled"),
        ...output,
      };
    }
    if (ending === "deadline") {
      const message = `The command did not end by its deadline of ${
        timeoutMs / 1000
      } s`;
      const result = { ...judgeOverdue(callContext, message), ...output };
      // The host has ended it: it is not running any more.
      if (exit !== undefined) result.error!.hint = null;
      return result;
    }
    const gotNone = rc === NO_SCRIPT && stdout === noScriptText(this.#nonce);
    if (exit === undefined || exit.lost || gotNone) {
      const why = gotNone
        ? ": its shell ended too early"
        : exit === undefined
        ? ""
        : becauseOf(exit);
      const message =
        `Cannot tell how the command on ${callContext.host} ended${why}`;
      throw new LostError(message, { phase: "call", host: callContext.host });
    }
    return {
      host: callContext.host,
      status: rc === 0 ? "ok" : "failed",
      changed: false,
      duration_ms: callContext.duration_ms,
      phases_ms: callContext.phases_ms,
      ...output,
      error: exit.signal === null ? null : {
        kind: "call",
        phase: "call",
        message: `The command was killed by ${describeExit(exit)}`,
        hint: null,
      },
    };
  }
}
