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
}

/** Writes text, through PAGER or `less -FRX` when it is longer than the screen. */
export async function showPages(
  { text, isPlain = false, isManual = false }: Pages,
  output: PagedOutput,
): Promise<void> {
  const { isTerminal } = output;
  const isLong = isManual || text.split("\n").length > rows();
  const command = isManual ? "exec man -l -" : pagerOf(output);
  const isPaged = isTerminal.in && isTerminal.out && !isPlain && isLong &&
    output.env("TERM") !== "dumb" && command !== undefined;
  if (!isPaged || !await runPager(command, text, output)) output.out(text);
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
  text: string,
  output: PagedOutput,
): Promise<boolean> {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", command],
    env: { LESS: output.env("LESS") ?? "FRX" },
    stdin: "piped",
    stdout: "inherit",
    stderr: "null",
  }).spawn();
  const release = output.catchInterrupt(() => {}); // ^C is for the pager
  try {
    const writer = child.stdin.getWriter();
    writer.closed.catch(() => {}); // it was left before the end
    await writer.write(new TextEncoder().encode(text)).catch(() => {});
    await writer.close().catch(() => {});
    const { code } = await child.status;
    // As the shell says that there is no such program, or `man` that it takes no -l.
    return code === 0 || (code < 126 && !/^exec man/.test(command));
  } finally {
    release();
  }
}
