// Closes the open files that a background process has inherited: with them it would
// hold a lock or the end of a pipe of the command that started it, and that
// command's caller would wait. Linux only; elsewhere nothing happens.
import { openLibc } from "./libc.ts";

/** O_CLOEXEC in the flags of /proc/PID/fdinfo (proc(5)). */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Closes everything after stderr that was open before the program started. What
 * Deno opens closes at an exec, and so can be told apart.
 */
export function closeInheritedFiles(): void {
  try {
    const open = Array.from(
      Deno.readDirSync("/proc/self/fd"),
      ({ name }) => Number(name),
    );
    const inherited = open.filter((fd) => fd > 2 && isInherited(fd));
    if (inherited.length === 0) return;
    const libc = openLibc();
    for (const fd of inherited) libc.close(fd);
  } catch {
    // There is no /proc.
  }
}

function isInherited(fd: number): boolean {
  try {
    const info = Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`);
    const [, flags] = /^flags:\s*([0-7]+)$/m.exec(info) ?? [];
    return flags !== undefined &&
      (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false; // it was the list itself
  }
}
