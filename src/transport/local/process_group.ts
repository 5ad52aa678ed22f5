// The processes of one local command: told to end, then killed. A group is never
// signalled after it has been seen empty, because its number may be another's.

/** A group whose leader is a child of ours. */
export class ProcessGroup {
  readonly #id: number;
  readonly #graceMs: number;
  readonly #ended = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param graceMs how long after `end()` what is left is killed */
  constructor(id: number, graceMs: number) {
    this.#id = id;
    this.#graceMs = graceMs;
  }

  /** Tells the group to end. */
  end(): void {
    if (this.#timer !== undefined) return;
    signalGroup(this.#id, "SIGTERM");
    this.#timer = setTimeout(() => {
      signalGroup(this.#id, "SIGKILL");
      this.#ended.resolve();
    }, this.#graceMs);
  }

  /**
   * To be called when the leader has ended. Settles when the others, if they
   * were told to end, have done so or been killed.
   */
  async leaderEnded(): Promise<void> {
    if (this.#timer === undefined) return;
    if (await isAlive(this.#id)) return this.#ended.promise;
    clearTimeout(this.#timer);
  }
}

/** Sends a signal to a group; false when nobody is left in it. */
function signalGroup(id: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(-id, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // A member that has taken another user's rights cannot be signalled by us.
    if (error instanceof Deno.errors.PermissionDenied) return true;
    throw error;
  }
}

/** True when a process of the group has not ended yet. */
async function isAlive(id: number): Promise<boolean> {
  // SIGCONT does nothing to a process that runs; it tells whether one is there.
  if (!signalGroup(id, "SIGCONT")) return false;
  // It is also there when it has ended and init, as in many a container, does
  // not collect it; only /proc tells the two apart.
  let seen = false;
  for (const pid of await processIds()) {
    seen = true;
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(group) === id && state !== "Z") return true;
  }
  return !seen;
}

/** The processes of this machine; none where there is no /proc. */
async function processIds(): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir("/proc"));
    return entries.map(({ name }) => name).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
