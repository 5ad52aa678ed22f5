// Shows long text through a pager: only on a terminal that it does not fit, and
// never with --plain. Without a pager, text is written as it is.

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
  if (isPaged && await runPager(command, { text, output, lend })) return;
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
  return own ?? "exec less -FRX";
}

/** Runs a pager on a text; false when it cannot be run. */
async function runPager(
  command: string,
  { text, output, lend = (use) => lendSignals(use, output) }: {
    text: string;
    output: PagedOutput;
    lend: Lend | undefined;
  },
): Promise<boolean> {
  const code = await lend(() => feedPager(command, text, output));
  if (output.signal.aborted) return true;
  // As the shell says that there is no such program, or `man` that it takes no -l.
  return code === 0 || (code < 126 && !/^exec man/.test(command));
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
  text: string,
  { env, signal }: PagedOutput,
): Promise<number> {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", command],
    env: { LESS: env("LESS") ?? LESS },
    signal,
    stdin: "piped",
    stdout: "inherit",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  writer.closed.catch(() => {}); // it was left before the end
  await writer.write(new TextEncoder().encode(text)).catch(() => {});
  await writer.close().catch(() => {});
  return (await child.status).code;
}
