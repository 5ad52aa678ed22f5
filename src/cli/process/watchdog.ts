// Ends the process when a signal asks for it but the event loop hangs, so that
// nothing else can handle the signal. After each signal a thread of its own sends
// heartbeats to the loop, and ends the process when several stay unanswered. A
// loop that answers decides itself: it prints results and kills what runs.
//
// The thread runs this same file, because a file in a bundle can name only itself.
// Import it on demand only, or the thread would run the whole program.
import { type Libc, openLibc } from "./libc.ts";
import {
  readTerminal,
  restoreTerminal,
  type TerminalState,
} from "./terminal_state.ts";

const NAME = "ftl-watchdog";

/** Signals that end the process, and the exit status of each in a shell. */
const END_SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** How often a heartbeat is sent, and how many may stay unanswered. */
const HEARTBEAT_MS = 250;
const MAX_UNANSWERED = 6;

/**
 * After this many answers that the process is not ending, the signal was not
 * meant to end it. The first answer may be older than the signal.
 */
const ANSWERS_UNTIL_CALM = 4;

/** The loop's answer to a heartbeat. */
interface HeartbeatAnswer {
  /** Whether the process is ending. */
  readonly isEnding: boolean;
}

/** The global scope of a thread. */
interface Thread {
  readonly name?: string;
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/**
 * Starts watching the event loop of this thread.
 *
 * @param ending aborted when the process has begun to end
 * @returns resolves when the watchdog listens; no caller needs to wait for it.
 */
export function startWatchdog(ending: AbortSignal): Promise<void> {
  const terminal = readTerminal(openLibc());
  const worker = new Worker(import.meta.url, { type: "module", name: NAME });
  worker.onerror = (event) => event.preventDefault(); // ftl works without it
  worker.postMessage(terminal);
  return new Promise((resolve) => {
    worker.onmessage = () => {
      resolve(); // the first heartbeat: it listens
      const answer: HeartbeatAnswer = { isEnding: ending.aborted };
      worker.postMessage(answer);
    };
  });
}

/** The thread's side. */
function watch(thread: Thread): void {
  const libc = openLibc();
  let terminal: TerminalState | undefined;
  let unanswered = 0;
  let calmAnswers = 0;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  const beat = (status: number) => {
    if (unanswered === MAX_UNANSWERED) end(libc, { status, terminal });
    unanswered++;
    thread.postMessage(undefined);
  };
  for (const [name, status] of Object.entries(END_SIGNALS)) {
    Deno.addSignalListener(name as keyof typeof END_SIGNALS, () => {
      calmAnswers = 0;
      if (heartbeat !== undefined) return;
      unanswered = 0;
      heartbeat = setInterval(() => beat(status), HEARTBEAT_MS);
    });
  }
  thread.onmessage = ({ data }: MessageEvent<TerminalState>) => {
    terminal = data;
    thread.postMessage(undefined);
    thread.onmessage = ({ data }: MessageEvent<HeartbeatAnswer>) => {
      unanswered = 0;
      if (data.isEnding || ++calmAnswers < ANSWERS_UNTIL_CALM) return;
      clearInterval(heartbeat);
      heartbeat = undefined;
    };
  };
}

/** Ends the process. `Deno.exit` would end only the thread. */
function end(
  libc: Libc,
  { status, terminal }: {
    status: number;
    terminal: TerminalState | undefined;
  },
): void {
  if (terminal !== undefined) restoreTerminal(libc, terminal);
  libc._exit(status);
}

const scope = globalThis as unknown as Thread;
if (scope.name === NAME) watch(scope);
