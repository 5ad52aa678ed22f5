// The CPU time of running processes, from /proc.

/** The length of a tick of /proc; Linux has 100 a second everywhere. */
const TICK_MS = 10;

/**
 * User and system time of processes and of the children that they have waited
 * for, in milliseconds; grows in steps of ten.
 */
export async function cpuMs(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The name in parentheses may contain anything; utime is the 14th field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks * TICK_MS;
}

/**
 * The `cpuMs()` of a server once its last child has ended: its own CPU time and
 * that of all processes that it started.
 */
export async function idleCpuMs(server: number): Promise<number> {
  const children = `/proc/${server}/task/${server}/children`;
  while (await Deno.readTextFile(children) !== "") {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return await cpuMs([server]);
}
