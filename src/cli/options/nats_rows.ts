// The options of commands that let workers make their calls, over NATS.
import { CALL_DEFAULTS } from "../../core/call/call_defaults.ts";
import { formatDuration } from "../../core/input/duration.ts";
import type { Row } from "./add_options.ts";
import { seconds } from "./option_values.ts";

/** How workers are reached, and what they are told. */
export interface NatsOptions {
  nats?: string;
  detach?: boolean;
  signKey?: string;
  knownWorkers?: string;
  /** In seconds. */
  workerTimeout?: number;
}

const FLAGS = "--nats <url>";

/** The key that signs. */
export const SIGN_ROW: Row = {
  flags: "--sign-key <file>",
  help:
    "sign the calls for workers with this SSH key (default: as ssh finds one)",
};

/** The workers whose keys are pinned. */
export const KNOWN_ROW: Row = {
  flags: "--known-workers <file>",
  help: "believe results of the workers whose keys are in this file only",
  default: "~/.ftl/known_workers",
};

/** Of commands that make one call. */
export const NATS_ROWS: readonly Row[] = [
  {
    flags: FLAGS,
    help: "let workers make the calls, over this NATS server",
  },
  SIGN_ROW,
  {
    ...KNOWN_ROW,
    help: "seal secrets for the workers' keys in this file",
  },
  {
    flags: "--worker-timeout <time>",
    help: "give hosts up that wait for a worker for this long",
    parse: seconds,
    default: `${
      formatDuration(CALL_DEFAULTS.workerTimeoutMs)
    }, with --detach 24h`,
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
