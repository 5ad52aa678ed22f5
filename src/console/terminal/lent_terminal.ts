// The terminal while a program of this machine has it: ^C is for the program, and
// counts here only when the program ended by it.

/** Runs `use`, which has the terminal to itself, and resolves to its exit status. */
export type HandOver = (use: () => Promise<number>) => Promise<number>;

/** The status of a command that SIGINT ended, in a shell: 128 + 2. */
const INTERRUPTED = 130;

/** The program may end before its own ^C is heard here. */
const LATE_MS = 200;

/** One loan of the terminal. */
export class LentTerminal {
  readonly #heard = Promise.withResolvers<void>();
  #isInterrupted = false;

  /** Takes note of ^C. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#heard.resolve();
  }

  /** Runs the program; calls `onInterrupt` when it ended by ^C. */
  async use(
    use: () => Promise<number>,
    onInterrupt: () => void,
  ): Promise<number> {
    const status = await use();
    if (status === INTERRUPTED && !this.#isInterrupted) {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, LATE_MS);
      await Promise.race([this.#heard.promise, late.promise]);
      clearTimeout(timer);
    }
    const isEnded = status === INTERRUPTED ||
      (this.#isInterrupted && status !== 0);
    if (isEnded) onInterrupt();
    return status;
  }
}
