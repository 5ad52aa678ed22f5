/** The word that starts the process of a worker. */
export const WORKER_PROCESS = "worker-process";

/** How long messages between a run and its workers wait for others, in ms. */
export const GATHER_MS = 10;
