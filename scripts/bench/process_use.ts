// What a running process has used so far, from /proc (proc(5)). Linux only.

/** CPU time and memory of a process. */
export interface ProcessUse {
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** USER_HZ, which is 100 on all machines that run Deno. */
const TICK_MS = 10;
/** Fields of /proc/PID/stat after the name. */
const UTIME = 11;
const STIME = 12;

/** What a process has used. */
export async function useOf(pid: number): Promise<ProcessUse> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kib = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(status)?.[1]);
  return {
    cpuMs: (Number(fields[UTIME]) + Number(fields[STIME])) * TICK_MS,
    residentBytes: kib("VmRSS") * 1024,
    peakBytes: kib("VmHWM") * 1024,
  };
}
