// The processes of one local command: they get TERM, then KILL. A group is never
// signaled after it was found empty, because its number may be in use again.

/** A process group whose leader is a child of ftl. */
export class ProcessGroup {
  readonly #id: number;
  readonly #graceMs: number;
  readonly #ended = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param graceMs the time between TERM and KILL */
  constructor(id: number, graceMs: number) {
    this.#id = id;
    this.#graceMs = graceMs;
  }

  /** Sends TERM to the group, and KILL after the grace time. */
  end(): void {
    if (this.#timer !== undefined) return;
    signalGroup(this.#id, "SIGTERM");
    this.#timer = setTimeout(() => {
      signalGroup(this.#id, "SIGKILL");
      this.#ended.resolve();
    }, this.#graceMs);
  }

  /**
   * Must be called when the leader has ended. After `end()`, it settles when the
   * other processes have ended or were killed.
   */
  async leaderEnded(): Promise<void> {
    if (this.#timer === undefined) return;
    if (await isAlive(this.#id)) return this.#ended.promise;
    clearTimeout(this.#timer);
  }
}

/** Sends a signal to a group; false when the group is empty. */
function signalGroup(id: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(-id, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // A process that became another user cannot be signaled.
    if (error instanceof Deno.errors.PermissionDenied) return true;
    throw error;
  }
}

/** True when a process of the group has not ended yet. */
async function isAlive(id: number): Promise<boolean> {
  // SIGCONT has no effect on a running process; it shows whether one exists.
  if (!signalGroup(id, "SIGCONT")) return false;
  // A process that has ended also exists until init collects it, which some
  // containers never do; only /proc distinguishes the two.
  let seen = false;
  for (const pid of await processIds()) {
    seen = true;
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(group) === id && state !== "Z") return true;
  }
  return !seen;
}

/** The processes of this machine; empty without /proc. */
async function processIds(): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir("/proc"));
    return entries.map(({ name }) => name).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
