// What running processes have cost and hold, from /proc.

/** Length of the ticks that /proc counts in; 100 a second on every Linux. */
const TICK_MS = 10;

/**
 * User and system time of processes and of the children that they have waited
 * for, in milliseconds; grows in steps of ten.
 */
export async function cpuMs(pids: readonly number[]): Promise<number> {
  let ticks = 0;
  for (const pid of pids) {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold anything; utime is the 14th field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks * TICK_MS;
}

/**
 * As `cpuMs()` of one server, when the last of its children has ended: what it
 * and all that it ever started have cost.
 */
export async function idleCpuMs(server: number): Promise<number> {
  const children = `/proc/${server}/task/${server}/children`;
  while (await Deno.readTextFile(children) !== "") {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return await cpuMs([server]);
}
