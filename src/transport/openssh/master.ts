// An `ssh` process that holds the connection to one host, and its output. It ends
// when ftl ends, however that happens: a shell supervises it and waits for the
// end of its own stdin, which only ftl holds open. When ftl is killed, the shell
// also removes the socket folder.
import { startFolder } from "../../disk/start_folder.ts";
import { dirname } from "@std/path";
import type { Phase } from "../../errors.ts";
import { startTimer } from "../../async/timer.ts";
import { ProcessGroup } from "../local/process_group.ts";

/**
 * Starts `ssh`, and ends it when stdin of the shell ends. When no line came
 * before that, ftl was killed, and the folder in `$1` is removed.
 */
const SUPERVISOR =
  'd=$1; shift; "$@" </dev/null & p=$!; exec >/dev/null 2>&1; ' +
  'read -r x; e=$?; kill $p; wait $p; case $e in 0) ;; *) rm -rf "$d"; esac';

/** How long `ssh` may take to disconnect. */
const GRACE_MS = 2000;
/**
 * How long after that its outputs are read: a process that it has started, such
 * as a ProxyCommand in a session of its own, may hold them open forever.
 */
const OUTPUT_MS = 500;
/** How many of its lines are kept, and how many characters of one line. */
const KEPT_LINES = 100;
const LINE_LENGTH = 1000;

/** The log lines that start a phase, in order. */
const PHASES: readonly (readonly [RegExp, Phase])[] = [
  [
    /^Connecting to |^Executing proxy command|^Setting implicit Prox/,
    "connect",
  ],
  [/^Server host (key|certificate)/, "hostkey"],
  [/^(SSH2_MSG_)?SERVICE_ACCEPT received|^Authentications that can/i, "auth"],
];

/** The log line with the first line of a host that does not speak SSH. */
const GREETING = /exchange_identification: banner line 0: (.*)/;

/** The log line with the key exchange; a bastion has its own `ssh`. */
const KEY_EXCHANGE = /^kex: algorithm: (\S+)/;

/** The line about a host key that is revoked or not the known one. */
const OFFENDING = /^(?:Offending .*|.*REVOKED HOST KEY DETECTED.*)/;

/** Lines outside of its log that are never the reason of a failure. */
const STATISTICS =
  /^Authenticated to |^Transferred: |^Bytes per second: |^#\d+ /;

/** How to start the process. */
export interface MasterOptions {
  /** `ssh` and its arguments. */
  readonly command: readonly string[];
  /** The path of the socket that it will listen on. */
  readonly socketPath: string;
  readonly onPhase: (phase: Phase) => void;
  /** Called with the line that the host sends instead of SSH. */
  readonly onGreeting: (line: string) => void;
}

/** An `ssh` process. */
export class Master {
  readonly socketPath: string;
  /** True when it has logged in and listens; false when it ended before that. */
  readonly listens: Promise<boolean>;
  /** Settles when all its processes have ended. Never rejects. */
  readonly ended: Promise<void>;
  /** Its last lines for users; emptied when it starts to listen. */
  readonly printed: string[] = [];
  /** The last lines of its debug log. */
  readonly log: string[] = [];
  /** Why the host must not be sent a password: its key is not the known one. */
  distrust: string | undefined;
  /** The key exchange with the host. */
  keyExchange: string | undefined;
  readonly #group: ProcessGroup;
  /** Ends the reading of its outputs. */
  readonly #stop = new AbortController();
  #stopTimer = () => {};
  #isEnding = false;

  constructor({ command, socketPath, ...handlers }: MasterOptions) {
    this.socketPath = socketPath;
    const child = new Deno.Command("/bin/sh", {
      ...startFolder(),
      args: ["-c", SUPERVISOR, "sh", dirname(socketPath), ...command],
      // ssh runs the commands of ssh_config in it; the shell of the user may differ.
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
      lines(child.stderr, signal, (line) => this.#readLine(line, handlers)),
      lines(child.stdout, signal, () => {
        this.printed.length = 0; // earlier lines cannot explain later failures
        listens.resolve(true);
      }),
    ];
    this.ended = this.#watch(child, outputs)
      .finally(() => listens.resolve(false));
  }

  /** The last line for users; empty without one. */
  get lastLine(): string {
    return this.printed.at(-1) ?? "";
  }

  /** Ends the process. May be called twice. */
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
    // They end with `ssh` and all that it started; the shell has closed them.
    await Promise.all(outputs);
    this.#stopTimer();
    this.#isEnding = true;
    // This fails when the shell has already ended, which is fine.
    const stdin = child.stdin.getWriter();
    await stdin.write(new TextEncoder().encode("over\n")).catch(() => {});
    await stdin.close().catch(() => {});
    await child.status;
    await this.#group.leaderEnded();
  }

  #readLine(
    line: string,
    { onPhase, onGreeting }: Pick<MasterOptions, "onPhase" | "onGreeting">,
  ): void {
    const [, debug] = /^debug\d: (.*)/.exec(line) ?? [];
    if (debug === undefined) {
      if (OFFENDING.test(line)) {
        this.distrust = `its key is not the known one (${line.trim()})`;
      }
      return STATISTICS.test(line)
        ? undefined
        : keep(this.printed, line.trim());
    }
    keep(this.log, debug);
    this.keyExchange = KEY_EXCHANGE.exec(debug)?.[1] ?? this.keyExchange;
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
  if (lines.length > KEPT_LINES) lines.shift();
}

/** Calls back with each line of an output; settles at its end or on abort. */
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
      // A line may have no end: only its start is kept.
      rest = parts.pop()!.slice(0, LINE_LENGTH);
      parts.forEach(onLine);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (rest !== "") onLine(rest);
}
