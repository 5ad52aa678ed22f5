// ^Z: a warning before the process stops. It must not freeze where no shell could
// continue it, so nothing is done there (setpgid(2), orphaned process groups).

/** What keeps or loses the terminal when the process stops. */
export interface StopOptions {
  /** Writes the warning. */
  warn: () => void;
  /** Another listener stops the process now: a question is open. */
  isTaken: () => boolean;
}

/** Warns at each ^Z before the process stops; returns what ends that. */
export function warnAtStop({ warn, isTaken }: StopOptions): () => void {
  if (!canBeContinued()) return () => {};
  const stop = () => {
    if (isTaken()) return;
    warn();
    Deno.kill(Deno.pid, "SIGSTOP");
  };
  Deno.addSignalListener("SIGTSTP", stop);
  return () => Deno.removeSignalListener("SIGTSTP", stop);
}

/**
 * Whether the parent is a shell of the same session in another process group
 * (proc(5), /proc/pid/stat). False where there is no such file.
 */
function canBeContinued(): boolean {
  try {
    const own = statOf("self");
    const parent = statOf(own.parent);
    return parent.session === own.session && parent.group !== own.group;
  } catch {
    return false;
  }
}

function statOf(
  pid: string,
): { parent: string; group: string; session: string } {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [, parent = "", group = "", session = ""] = fields;
  return { parent, group, session };
}
