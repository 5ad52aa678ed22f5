// How many workers a run gets.

/** A number of workers, or by cores and hosts. */
export type WorkerChoice = number | "auto";

/** The most workers of a run. */
export const MAX_WORKERS = 64;

/** Fewer hosts than this are over before workers have started. */
export const AUTO_HOSTS = 400;

/** The number of workers for a number of hosts; 0: this process connects. */
export function countWorkers(
  choice: WorkerChoice,
  { hosts, cores }: { hosts: number; cores: number },
): number {
  if (choice !== "auto") return Math.min(choice, hosts);
  if (hosts < AUTO_HOSTS || cores < 2) return 0;
  return Math.min(cores, MAX_WORKERS, Math.floor(2 * hosts / AUTO_HOSTS));
}
