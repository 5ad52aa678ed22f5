// Ends the process when it is asked to and its event loop hangs: a signal is
// then heard by nobody else. A thread of its own asks the loop for a sign of life
// after each signal, and ends the process two seconds after it had the last one.
// While the loop lives it decides: it prints what is known, and kills what runs.
//
// The thread runs this very file: in a bundle, a file can name only itself. Hence
// it is imported on demand only, or the thread would run the whole program.
import { type Libc, openLibc } from "./libc.ts";
import {
  readTerminal,
  restoreTerminal,
  type TerminalState,
} from "./terminal_state.ts";

const NAME = "ftl-watchdog";

/** Signals that ask for an end, and the status that a shell gives for each. */
const ENDS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** How often it asks, and how often in vain before it ends the process. */
const ASK_EACH_MS = 250;
const MOST_UNANSWERED = 6;

/**
 * After so many answers that nothing ends, the signal meant something else; the
 * first may be older than the signal.
 */
const ANSWERS_UNTIL_CALM = 4;

/** What the loop answers. */
interface SignOfLife {
  /** Whether the process is ending. */
  readonly isEnding: boolean;
}

/** What a thread finds in its global scope. */
interface Thread {
  readonly name?: string;
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/**
 * Starts watching this thread's loop.
 *
 * @param ending aborted when the process has been asked to end, and does
 * @returns resolves when it listens; nothing needs to wait for that.
 */
export function startWatchdog(ending: AbortSignal): Promise<void> {
  const terminal = readTerminal(openLibc());
  const worker = new Worker(import.meta.url, { type: "module", name: NAME });
  worker.onerror = (event) => event.preventDefault(); // ftl works without it
  worker.postMessage(terminal);
  return new Promise((resolve) => {
    worker.onmessage = () => {
      resolve(); // its first question says that it listens
      const answer: SignOfLife = { isEnding: ending.aborted };
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
  let asking: ReturnType<typeof setInterval> | undefined;
  const ask = (status: number) => {
    if (unanswered === MOST_UNANSWERED) end(libc, { status, terminal });
    unanswered++;
    thread.postMessage(undefined);
  };
  for (const [name, status] of Object.entries(ENDS)) {
    Deno.addSignalListener(name as keyof typeof ENDS, () => {
      calmAnswers = 0;
      if (asking !== undefined) return;
      unanswered = 0;
      asking = setInterval(() => ask(status), ASK_EACH_MS);
    });
  }
  thread.onmessage = ({ data }: MessageEvent<TerminalState>) => {
    terminal = data;
    thread.postMessage(undefined);
    thread.onmessage = ({ data }: MessageEvent<SignOfLife>) => {
      unanswered = 0;
      if (data.isEnding || ++calmAnswers < ANSWERS_UNTIL_CALM) return;
      clearInterval(asking);
      asking = undefined;
    };
  };
}

/** Deno's own `exit` would end the thread only. */
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
