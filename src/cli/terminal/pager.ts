// Shows long text through a pager: only on a terminal that it does not fit, and
// never with --plain. Without a pager, or with one that fails at once, text is written
// as it is.

import { within } from "../../async/deadline.ts";

/** What is shown: `isManual` is for text in the language of manual pages. */
export interface Pages {
  readonly text: string;
  /** Write whole lines only, as for a screen reader. */
  readonly isPlain?: boolean;
  readonly isManual?: boolean;
}

/** The parts of the process that paging needs. */
export interface PagedOutput {
  out(text: string): void;
  env(name: string): string | undefined;
  readonly isTerminal: { in: boolean; out: boolean };
  catchInterrupt(listener: () => void): () => void;
  /** Ends the pager. */
  readonly signal: AbortSignal;
}

/** Lends the terminal to a program for as long as it runs. */
type Lend = (use: () => Promise<number>) => Promise<number>;

/** How a pager ended: with a status, and whether before it was told the text's end. */
interface PagerEnd {
  readonly code: number;
  readonly isEarly: boolean;
}

/** A shell says by this status, or the next one, that it cannot run a program. */
const NOT_RUN = 126;

/** How long a pager has to fail at once: the text's end is held back until then. */
const EARLY_MS = 300;

/** What `less` shows in its last line, unless LESS is set: mostly, how to leave it. */
const LESS = "FRX -Ps-- q goes back, h helps --?e (end).$";

/**
 * Writes text, through PAGER or `less -FRX` when it is longer than the screen. A
 * session that reads the terminal lends it.
 */
export async function showPages(
  { text, isPlain = false, isManual = false }: Pages,
  output: PagedOutput,
  lend?: Lend,
): Promise<void> {
  const { isTerminal } = output;
  const isLong = isManual || text.split("\n").length > rows();
  const command = isManual ? "exec man -l -" : pagerOf(output);
  const isPaged = isTerminal.in && isTerminal.out && !isPlain && isLong &&
    output.env("TERM") !== "dumb" && command !== undefined;
  if (isPaged && await runPager(command, { text, isManual, output, lend })) {
    return;
  }
  output.out(text);
}

function rows(): number {
  try {
    return Deno.consoleSize().rows;
  } catch {
    return Infinity; // there is no terminal
  }
}

/** The pager of the user: `cat` and an empty PAGER mean none. */
function pagerOf(output: PagedOutput): string | undefined {
  const own = output.env("PAGER");
  if (own === "" || own === "cat") return undefined;
  // Nothing is said when it is missing: the user has not asked for it.
  return own ?? "command -v less >/dev/null && exec less -FRX; exit 127";
}

/** Runs a pager on a text; false when it did not show it. */
async function runPager(
  command: string,
  { text, isManual, output, lend = (use) => lendSignals(use, output) }: {
    text: string;
    isManual: boolean;
    output: PagedOutput;
    lend: Lend | undefined;
  },
): Promise<boolean> {
  let isEarly = false;
  const code = await lend(async () => {
    const end = await feedPager(command, { text, isManual, output });
    isEarly = end.isEarly;
    return end.code;
  });
  if (output.signal.aborted || code === 0) return true;
  // It was ended by a signal, as by ^C: the user has seen enough.
  if (code > 128) return true;
  // `man` says by any status that it takes no -l.
  return code < NOT_RUN && !isEarly && !isManual;
}

/** Leaves ^C to the pager. */
async function lendSignals(
  use: () => Promise<number>,
  output: PagedOutput,
): Promise<number> {
  const release = output.catchInterrupt(() => {});
  try {
    return await use();
  } finally {
    release();
  }
}

async function feedPager(
  command: string,
  { text, isManual, output: { env, signal } }: {
    text: string;
    isManual: boolean;
    output: PagedOutput;
  },
): Promise<PagerEnd> {
  const { startFolder } = await import("../../disk/start_folder.ts");
  const child = new Deno.Command("/bin/sh", {
    ...startFolder(),
    args: ["-c", command],
    env: { LESS: env("LESS") ?? LESS },
    signal,
    stdin: "piped",
    stdout: "inherit",
    stderr: isManual ? "null" : "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  writer.closed.catch(() => {}); // it was left before the end
  const written = writer.write(new TextEncoder().encode(text)).catch(() => {});
  const isEarly = !isManual &&
    await within(child.status.then(() => true), {
      ms: EARLY_MS,
      instead: false,
    });
  await written;
  await writer.close().catch(() => {});
  return { code: (await child.status).code, isEarly };
}
