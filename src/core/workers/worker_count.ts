// How many workers a run gets.

/** A number of workers, or by cores, hosts and memory. */
export type WorkerChoice = number | "auto";

/** The most workers of a run. */
export const MAX_WORKERS = 64;

/** Fewer hosts than this are done in the time that workers take to start. */
const AUTO_HOSTS = 400;

/** The hosts that are worth a worker. */
const HOSTS_EACH = 200;
/** The process of the command has no time to feed more than this. */
const MOST_AUTO = 4;
/** The memory that must be free for each. */
const BYTES_EACH = 512 * 1024 ** 2;

/** The number of workers for a number of hosts; 0: this process connects. */
export function countWorkers(
  choice: WorkerChoice,
  { hosts, cores, freeBytes }: {
    hosts: number;
    cores: number;
    freeBytes: () => number;
  },
): number {
  if (choice !== "auto") return Math.min(choice, hosts);
  if (hosts < AUTO_HOSTS) return 0;
  const count = Math.min(
    ...[cores, MOST_AUTO, Math.floor(hosts / HOSTS_EACH)],
    Math.floor(freeBytes() / BYTES_EACH),
  );
  // One alone would only add a detour.
  return count < 2 ? 0 : count;
}
