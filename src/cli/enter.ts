// Enter during a run, which asks who is pending. The terminal is read only by a
// process in its foreground: one in the background would be stopped for it.

/**
 * Calls back at each Enter typed into stdin, a terminal.
 *
 * @returns What ends that.
 */
export function watchEnter(callback: () => void): () => void {
  let isOver = false;
  const watch = async () => {
    const buffer = new Uint8Array(1024);
    while (!isOver && await isInForeground()) {
      const count = await Deno.stdin.read(buffer);
      if (count === null || isOver) return;
      if (buffer.subarray(0, count).includes(NEWLINE)) callback();
    }
  };
  // A terminal that goes away ends the run by a signal, not by this.
  watch().catch(() => {});
  return () => {
    isOver = true;
  };
}

const NEWLINE = 0x0a;

/**
 * Compares our process group with that of the terminal (proc(5), /proc/pid/stat);
 * where there is no such file, the terminal is left alone.
 */
async function isInForeground(): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile("/proc/self/stat");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [, , group, , , terminalGroup] = fields;
    return group === terminalGroup;
  } catch {
    return false;
  }
}
