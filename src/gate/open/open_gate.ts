// Opens a gate on a host over one connection: it runs the command and writes to its
// stdin, without waiting, the stage, the bootstrap, the archive (unless the host
// probably has it) and the first messages. Every failure becomes one error with the
// phase and a hint.
import { GateError, type Phase } from "../../errors.ts";
import type { Budget } from "../../protocol/reply_budget.ts";
import { Channel } from "../../protocol/channel.ts";
import type { HelloData } from "../../protocol/message.ts";
import {
  type Connection,
  START_MS,
  type Stream,
} from "../../transport/transport.ts";
import {
  bootstrapBytes,
  bootstrapCommand,
  stageLine,
} from "./bootstrap_command.ts";
import { isAutomatic, pythonsToTry } from "./python_command.ts";
import { Deadline, within } from "../../async/deadline.ts";
import { GateOutput } from "./gate_output.ts";
import { type OpeningLine, OpeningLines } from "./opening_lines.ts";
import { Outgoing } from "./outgoing.ts";
import {
  explainLostGate,
  explainNoGate,
  explainNoShell,
} from "./open_errors.ts";

/** An archive larger than this is sent only when the host asks for it. */
const MAX_UNASKED = 1024 * 1024;
/** How long a host may be silent while it starts a gate. */
const SILENCE_MS = 60_000;
/** How long a gate may take to end when it is asked to. */
const CLOSE_MS = 2_000;

/** How to open a gate. */
export interface OpenGateOptions {
  archive: { readonly id: string; readonly bytes: Uint8Array };
  /** Whether the host probably has the archive; it asks when it does not. */
  hasArchive: boolean;
  /** Put nothing on the host's disks. Default: false. */
  inMemory?: boolean | undefined;
  /** The host's name, for errors. */
  host?: string | undefined;
  /** Bounds the memory of unfinished replies. Default: one for this gate. */
  budget?: Budget | undefined;
  /** The interpreter. Default, and for `auto…`: the first that is found. */
  python?: string | undefined;
  /** What happens to running calls when the link is lost. Default: `kill`. */
  linkLoss?: "kill" | "finish" | undefined;
  /** Ends the attempt; `openGate` rejects with the signal's reason. */
  signal: AbortSignal;
  /** Called when the phases `python`, `upload` and `start` start. */
  onPhase?: ((phase: Phase) => void) | undefined;
  /**
   * Receives the channel before the gate is up: calls made now are sent right after
   * the `Hello`, and fail when the opening fails.
   */
  onChannel?: ((channel: Channel) => void) | undefined;
  /** Called when the host gets bytes: calls that were made may run from then on. */
  onSend?: (() => void) | undefined;
  /**
   * How long the host may print nothing and read nothing, from the time its shell
   * runs our command until the gate is up. Default: 60 000.
   */
  silenceMs?: number | undefined;
}

/** A running gate. */
export interface Gate {
  readonly channel: Channel;
  readonly hello: HelloData;
  /** All bytes written to the host so far. */
  readonly bytesSent: number;
  /** Whether the archive was sent. */
  readonly uploaded: boolean;
  /** What the host printed before the gate was up. */
  readonly noise: string;
  /** Asks the gate to end, and then closes its stream. */
  close(): Promise<void>;
}

/**
 * Opens a gate on a host.
 *
 * @throws {GateError} phase `python`, `upload` or `start`: the host was reached,
 *   but runs no gate.
 * @throws {ConnectError} when the connection was lost before the gate was up.
 */
export async function openGate(
  connection: Connection,
  options: OpenGateOptions,
): Promise<Gate> {
  const { archive, signal, onPhase } = options;
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const outgoing = new Outgoing();
  const channel = new Channel({
    nonce,
    // Not a closure: it would keep what only the opening needs.
    write: outgoing.push.bind(outgoing),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.budget === undefined ? {} : { budget: options.budget }),
  });
  const hello = channel.hello(signal);
  hello.catch(() => {}); // awaited below, unless something else fails first
  options.onChannel?.(channel);
  const deadline = new Deadline(signal);
  const stop = new AbortController();
  let stream: Stream | undefined;
  try {
    const { inMemory = false, hasArchive } = options;
    const ask = !inMemory &&
      (hasArchive || archive.bytes.length > MAX_UNASKED);
    const bootstrap = await bootstrapBytes();
    const shellMs = connection.startMs ?? START_MS;
    deadline.set(
      shellMs,
      () => silent("shell", { ms: shellMs, mayRun: !!stream }),
    );
    onPhase?.("python");
    const command = bootstrapCommand({
      nonce,
      length: bootstrap.length,
      id: archive.id,
      archive: inMemory ? "memory" : ask ? "hint" : "sent",
      linkLoss: options.linkLoss ?? "kill",
      python: options.python,
    });
    stream = await deadline.race(
      connection.exec(command, { signal: stop.signal }),
    );
    const output = new GateOutput(stream);
    options.onSend?.();
    outgoing.start(output.input, [
      stageLine(),
      bootstrap,
      ...(ask ? [] : archiveBlock(archive.bytes)),
    ]);
    const lines = new OpeningLines(nonce, "up");
    let uploaded = !ask;
    await untilUp(output, { lines, deadline, python: options.python }, {
      onShell() {
        const ms = options.silenceMs ?? SILENCE_MS;
        const extend = () =>
          deadline.set(ms, () => silent("Python", { ms, mayRun: true }));
        extend();
        outgoing.onProgress = extend;
        onPhase?.(uploaded ? "upload" : "start");
      },
      onNeed() {
        uploaded = true;
        onPhase?.("upload");
        for (const part of archiveBlock(archive.bytes)) outgoing.push(part);
      },
    });
    onPhase?.("start");
    feed(channel, { output, stream }, channel.receive(lines.rest));
    return gateOf(channel, { outgoing, stream }, {
      hello: await deadline.race(hello),
      uploaded,
      noise: lines.noise,
    });
  } catch (error) {
    // The host may still answer after the attempt was given up.
    stop.abort(error);
    stream?.close();
    channel.close(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    deadline.clear();
    outgoing.onProgress = undefined;
  }
}

/** A gate that has opened. It keeps nothing of its opening. */
function gateOf(
  channel: Channel,
  to: { outgoing: Outgoing; stream: Stream },
  opened: Pick<Gate, "hello" | "uploaded" | "noise">,
): Gate {
  return {
    channel,
    ...opened,
    get bytesSent() {
      return to.outgoing.bytesSent;
    },
    close: () => close(channel, to),
  };
}

/** Reads the host's lines, and handles each, until the gate is up. */
async function untilUp(
  output: GateOutput,
  opening: {
    lines: OpeningLines;
    deadline: Deadline;
    python: string | undefined;
  },
  handlers: { onShell: () => void; onNeed: () => void },
): Promise<void> {
  const { lines, deadline } = opening;
  let phase: Phase | undefined;
  for (;;) {
    const chunk = await deadline.race(output.read());
    if (chunk === undefined) {
      const refusal = {
        noise: lines.noise,
        ...await deadline.race(output.end()),
      };
      throw phase === undefined
        ? explainNoShell(refusal)
        : explainNoGate(refusal, phase);
    }
    for (const line of lines.push(chunk)) {
      if (line.word === "up") return;
      // Each is handled once: it gives the host more time, or more to read.
      if (line.word === "sh" && phase === undefined) {
        phase = "start";
        handlers.onShell();
      } else if (line.word === "need" && phase !== "upload") {
        phase = "upload";
        handlers.onNeed();
      } else throw explainLine(line, opening.python);
    }
  }
}

function explainLine(
  line: OpeningLine,
  python: string | undefined,
): GateError {
  const hint = "Install Python 3.6 or later, or set ansible_python_interpreter";
  if (line.word === "nopython") {
    const tried = pythonsToTry(python).map((words) => words.join(" "))
      .join(", ");
    return new GateError(`Cannot find Python on the host: tried ${tried}`, {
      phase: "python",
      hint: python === undefined || isAutomatic(python)
        ? hint
        : "Correct ansible_python_interpreter",
    });
  }
  if (line.word === "old") {
    const [version, ...executable] = line.text.split(" ");
    return new GateError(
      `Cannot use the host's Python: ${
        executable.join(" ")
      } is ${version}, and a gate needs 3.6 or later`,
      { phase: "python", hint },
    );
  }
  const message = line.word === "fail"
    ? line.text
    : `the host sent the unexpected line ${JSON.stringify(line.word)}`;
  return new GateError(`Cannot open the gate: ${message}`, { phase: "upload" });
}

function silent(
  who: "shell" | "Python",
  { ms, mayRun }: { ms: number; mayRun: boolean },
): GateError {
  const seconds = ms / 1000;
  return new GateError(
    `Cannot open the gate: the host's ${who} has printed nothing for ${seconds} s` +
      (mayRun ? "; a call that was already sent may still take effect" : ""),
    {
      phase: who === "shell" ? "python" : "start",
      hint: who === "shell"
        ? "Log in by hand to see what the account's login files wait for"
        : "Run python3 on the host by hand to see what it waits for",
    },
  );
}

/** `g`, the length as seven hex digits, and the bytes. No frame starts with `g`. */
function archiveBlock(bytes: Uint8Array): Uint8Array[] {
  const head = `g${bytes.length.toString(16).padStart(7, "0")}`;
  return [new TextEncoder().encode(head), bytes];
}

/**
 * Passes the gate's output to the channel until it ends, after the bytes that came
 * with the last line of the opening.
 */
async function feed(
  channel: Channel,
  from: { output: GateOutput; stream: Stream },
  received: Promise<void> | undefined,
): Promise<void> {
  // A channel that closes itself reads no more.
  channel.closed.then(() => from.stream.close());
  await received;
  from.output.passTo({
    receive: (chunk) => channel.receive(chunk),
    ended: () => void reportEnd(channel, from.output),
  });
}

/** Closes a channel whose gate has ended, with the reason. */
async function reportEnd(channel: Channel, output: GateOutput): Promise<void> {
  if (!channel.isOpen) return;
  channel.close(explainLostGate({ noise: "", ...await output.end() }));
}

async function close(
  channel: Channel,
  { outgoing, stream }: { outgoing: Outgoing; stream: Stream },
): Promise<void> {
  // The reply adds nothing to the end of the process.
  channel.call({ type: "Shutdown", data: {} }).catch(() => {});
  outgoing.close();
  await within(stream.exit, { ms: CLOSE_MS, instead: undefined });
  channel.close();
  stream.close();
}
