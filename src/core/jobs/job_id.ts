// The names of jobs, in Ansible's form.

/** Whether a text is the whole name that a job has on a host. */
export function isJobName(text: unknown): text is string {
  return typeof text === "string" && /^j?\d{1,18}\.\d{1,10}$/.test(text);
}

/** The part of a job's name that hosts complete: `j` and twelve digits. */
export function newJobId(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  const number = high % 1_000_000 * 1_000_000 + low % 1_000_000;
  return `j${String(number).padStart(12, "0")}`;
}

/** Whether a text is a name of a job, whole or the part before its dot. */
export function isJobOrName(text: string): boolean {
  return /^j?\d+(?:\.\d+)?$/.test(text);
}
