// Tells the terminals of one user apart, so that each has its own last run. Linux
// only; elsewhere all terminals are one.

/**
 * A name for the session of the controlling terminal: its leader, when that
 * started, and the terminal. Undefined without a controlling terminal.
 */
export function terminalKey(): string | undefined {
  try {
    const own = fieldsOf("self");
    const [session, terminal] = [own[3], own[4]];
    if (session === undefined || terminal === "0") return undefined;
    // After the leader has ended, its number may come again; that is rare.
    return `${session}-${startOf(session)}-${terminal}`;
  } catch {
    return undefined; // no /proc
  }
}

function startOf(pid: string): string {
  try {
    return fieldsOf(pid)[19] ?? "";
  } catch {
    return ""; // it has ended
  }
}

/** The fields of /proc/PID/stat after the name, which may hold blanks (proc(5)). */
function fieldsOf(pid: string): string[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
