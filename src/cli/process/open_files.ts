// The limit on open files, and how many hosts it allows a process to keep open.

/** Files that ftl holds open besides those for hosts. */
const OWN_FILES = 50;
/** A local host takes three pipes and a process; one over SSH takes a socket. */
const FILES_PER_HOST = { ssh: 1, local: 4 };
/** Workers do not get exactly the same number of hosts. */
const UNEVEN = 1.25;

/** How many hosts may be open at once. */
export function hostsFor(
  limit: number,
  { connection, workers = 0 }: {
    connection?: string | undefined;
    workers?: number;
  } = {},
): number {
  const each = connection === "local"
    ? FILES_PER_HOST.local
    : FILES_PER_HOST.ssh;
  const inOne = Math.max(1, Math.floor((limit - OWN_FILES) / each));
  return workers < 2 ? inOne : Math.floor(inOne * workers / UNEVEN);
}

/** The limit of this process and its workers; undefined where it is unknown. */
export async function ownFilesLimit(): Promise<number | undefined> {
  const limits = await Deno.readTextFile("/proc/self/limits").catch(() => "");
  const [, limit] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return limit === undefined ? undefined : Number(limit);
}
