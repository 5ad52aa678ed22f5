/** The word that starts the process of a worker. */
export const WORKER_PROCESS = "worker-process";
