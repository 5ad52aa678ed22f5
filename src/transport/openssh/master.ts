// An `ssh` process that holds the connection to one host, and what it says. It
// ends with us, however we end: a shell beside it waits for the end of its own
// input, which nobody but us holds. Where we end without a word, it tidies up.
import { dirname } from "@std/path";
import type { Phase } from "../../errors.ts";
import { startTimer } from "../../async/timer.ts";
import { ProcessGroup } from "../local/process_group.ts";

/**
 * Starts `ssh`, and ends it when the shell's input does. With no line before
 * that end we were killed, and its first word is the folder that nobody needs.
 */
const SUPERVISOR =
  'd=$1; shift; "$@" </dev/null & p=$!; exec >/dev/null 2>&1; ' +
  'read -r x; e=$?; kill $p; wait $p; case $e in 0) ;; *) rm -rf "$d"; esac';

/** How long `ssh` may take to say goodbye. */
const GRACE_MS = 2000;
/**
 * How long after that its outputs are read: what it has started, such as a
 * ProxyCommand in a session of its own, may hold them open for ever.
 */
const OUTPUT_MS = 500;
/** How much of what it says is kept, and of one line. */
const SAID_LINES = 100;
const LINE_LENGTH = 1000;

/** The lines of its log by which a phase begins, first things first. */
const PHASES: readonly (readonly [RegExp, Phase])[] = [
  [
    /^Connecting to |^Executing proxy command|^Setting implicit Prox/,
    "connect",
  ],
  [/^Server host (key|certificate)/, "hostkey"],
  [/^(SSH2_MSG_)?SERVICE_ACCEPT received|^Authentications that can/i, "auth"],
];

/** The first line of a host that does not begin with its version of SSH. */
const GREETING = /exchange_identification: banner line 0: (.*)/;

/** The line of a file that a host's key is not the one of, or is revoked by. */
const OFFENDING = /^(?:Offending .*|.*REVOKED HOST KEY DETECTED.*)/;

/** What it says beside its log and is of no use to anybody here. */
const STATISTICS =
  /^Authenticated to |^Transferred: |^Bytes per second: |^#\d+ /;

/** How to start one. */
export interface MasterOptions {
  /** `ssh` and its arguments. */
  readonly words: readonly string[];
  /** Where it will listen. */
  readonly socketPath: string;
  readonly onPhase: (phase: Phase) => void;
  /** Told what the host says in place of a greeting in SSH. */
  readonly onGreeting: (line: string) => void;
}

/** An `ssh` process. */
export class Master {
  readonly socketPath: string;
  /** Whether it has logged in and listens; false when it has ended before. */
  readonly listens: Promise<boolean>;
  /** Settles when nothing of it is left. Never rejects. */
  readonly ended: Promise<void>;
  /** What it has said to people: its last lines, since it listens. */
  readonly said: string[] = [];
  /** What it has told of its work, for who looks for a cause. */
  readonly told: string[] = [];
  /** Why the host must not be sent a password: its key is not the known one. */
  distrust: string | undefined;
  readonly #group: ProcessGroup;
  /** Ends the reading of its outputs. */
  readonly #stop = new AbortController();
  #stopTimer = () => {};
  #isEnding = false;

  constructor({ words, socketPath, ...told }: MasterOptions) {
    this.socketPath = socketPath;
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", SUPERVISOR, "sh", dirname(socketPath), ...words],
      // Commands of ssh_config are run by it; the user's might be any shell.
      env: { SHELL: "/bin/sh" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#group = new ProcessGroup(child.pid, GRACE_MS);
    const listens = Promise.withResolvers<boolean>();
    this.listens = listens.promise;
    const { signal } = this.#stop;
    const outputs = [
      lines(child.stderr, signal, (line) => this.#hear(line, told)),
      lines(child.stdout, signal, () => {
        this.said.length = 0; // what was said before is no cause of what comes
        listens.resolve(true);
      }),
    ];
    this.ended = this.#watch(child, outputs)
      .finally(() => listens.resolve(false));
  }

  /** The last thing that it has said; empty when it has said nothing. */
  get lastWords(): string {
    return this.said.at(-1) ?? "";
  }

  /** Ends it. May be called twice. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#group.end();
    this.#stopTimer = startTimer(
      () => this.#stop.abort(),
      GRACE_MS + OUTPUT_MS,
    );
  }

  async #watch(
    child: Deno.ChildProcess,
    outputs: readonly Promise<void>[],
  ): Promise<void> {
    // They end when `ssh` does and what it has started; the shell has let go.
    await Promise.all(outputs);
    this.#stopTimer();
    this.#isEnding = true;
    // The shell may be gone before us, and then it needs no telling.
    const stdin = child.stdin.getWriter();
    await stdin.write(new TextEncoder().encode("over\n")).catch(() => {});
    await stdin.close().catch(() => {});
    await child.status;
    await this.#group.leaderEnded();
  }

  #hear(
    line: string,
    { onPhase, onGreeting }: Pick<MasterOptions, "onPhase" | "onGreeting">,
  ): void {
    const [, debug] = /^debug\d: (.*)/.exec(line) ?? [];
    if (debug === undefined) {
      if (OFFENDING.test(line)) {
        this.distrust = `its key is not the known one (${line.trim()})`;
      }
      return STATISTICS.test(line) ? undefined : keep(this.said, line.trim());
    }
    keep(this.told, debug);
    const [, greeting] = GREETING.exec(debug) ?? [];
    if (greeting !== undefined) onGreeting(greeting);
    for (let i = 0; i < PHASES.length; i++) {
      if (PHASES[i]![0].test(debug)) onPhase(PHASES[i]![1]);
    }
  }
}

function keep(lines: string[], line: string): void {
  if (line === "") return;
  lines.push(line.slice(0, LINE_LENGTH));
  if (lines.length > SAID_LINES) lines.shift();
}

/** Tells each line of an output; settles at its end, or when it is given up. */
async function lines(
  source: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  try {
    const texts = source.pipeThrough(new TextDecoderStream(), { signal });
    for await (const text of texts) {
      const parts = (rest + text).split(/\r?\n/);
      // A line without end is of no more use than its beginning.
      rest = parts.pop()!.slice(0, LINE_LENGTH);
      parts.forEach(onLine);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (rest !== "") onLine(rest);
}
