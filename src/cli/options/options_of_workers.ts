// Options that have no meaning for a sender over NATS, and what a worker does about
// them. On the command line they cause a warning; those of the environment and of a file
// of settings are for other runs.

const OWN = "workers have their own";
const CONNECT = "workers over NATS connect to the hosts";

/** Each with its flag, and why it is not used. */
export const OPTIONS_OF_WORKERS = {
  privateKey: ["--private-key", OWN],
  knownHosts: ["--known-hosts", OWN],
  sshConfig: ["--ssh-config", OWN],
  hostKeys: ["--host-keys", OWN],
  fanout: ["--fanout", OWN],
  workers: ["--workers", CONNECT],
  keep: ["--keep", CONNECT],
} as const;
