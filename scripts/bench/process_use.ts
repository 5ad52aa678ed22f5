// What a running process has used so far, from /proc (proc(5)). Linux only.

/** CPU time and memory of a process. */
export interface ProcessUse {
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** USER_HZ, which is 100 on all machines that run Deno. */
const TICK_MS = 10;
/** Fields of a stat file after the name. */
const UTIME = 11;
const STIME = 12;

/** What a process has used. */
export async function useOf(pid: number): Promise<ProcessUse> {
  const cpuMs = await cpuOf(`/proc/${pid}/stat`);
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kib = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(status)?.[1]);
  return {
    cpuMs,
    residentBytes: kib("VmRSS") * 1024,
    peakBytes: kib("VmHWM") * 1024,
  };
}

/** The CPU time of the first thread of a process, which runs its program. */
export function mainThreadMs(pid: number): Promise<number> {
  return cpuOf(`/proc/${pid}/task/${pid}/stat`);
}

async function cpuOf(path: string): Promise<number> {
  const stat = await Deno.readTextFile(path);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[UTIME]) + Number(fields[STIME])) * TICK_MS;
}

/**
 * The memory of processes in bytes, in which what they share counts once (Pss of
 * proc_pid_smaps(5)).
 */
export async function memoryOf(pids: readonly number[]): Promise<number> {
  let kib = 0;
  for (const pid of pids) {
    const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
    kib += Number(/^Pss:\s*(\d+)/m.exec(text)![1]);
  }
  return kib * 1024;
}
