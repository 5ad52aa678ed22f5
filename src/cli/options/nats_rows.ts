// The options of commands that let workers make their calls, over NATS.
import type { Row } from "./add_options.ts";

/** How workers are reached, and what they are told. */
export interface NatsOptions {
  nats?: string;
  detach?: boolean;
  signKey?: string;
  knownWorkers?: string;
}

const FLAGS = "--nats <url>";

/** Of commands that make one call. */
export const NATS_ROWS: readonly Row[] = [
  {
    flags: FLAGS,
    help: "let workers make the calls, over this NATS server",
  },
  {
    flags: "--sign-key <file>",
    help:
      "sign the calls for workers with this SSH key (default: as ssh finds " +
      "one)",
  },
  {
    flags: "--known-workers <file>",
    help: "seal secrets for the workers' keys in this file",
    default: "~/.ftl/known_workers",
  },
  {
    flags: "--detach",
    help: "leave the call to the workers, and print its run",
  },
];

/** Of workers, and of commands that only read. */
export const NATS_READ_ROWS: readonly Row[] = [
  { flags: FLAGS, help: "the NATS server where workers and senders meet" },
];
