// Processes by /proc: their memory and descriptors.

/** What a process holds; undefined when it has ended. */
export async function usageOf(
  pid: number,
): Promise<{ residentKb: number; descriptors: number } | undefined> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const entries = await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`));
    const residentKb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
    return Number.isNaN(residentKb)
      ? undefined // it is a zombie
      : { residentKb, descriptors: entries.length };
  } catch {
    return undefined;
  }
}

/** Sends a signal; a process that has ended gets none. */
export function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
