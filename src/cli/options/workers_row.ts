// The option for processes that hold the connections of a command.
import { InvalidArgumentError } from "commander";
import {
  MAX_WORKERS,
  type WorkerChoice,
} from "../../core/workers/worker_count.ts";
import type { Row } from "./add_options.ts";
import { numberOrZero } from "./option_values.ts";

export const WORKERS_ROW: Row = {
  flags: "--workers <number>",
  help:
    "connect to hosts from this many processes, to use more cores; 0: from " +
    "this one; auto: by cores and hosts",
  parse: workerChoice,
  default: "auto",
};

function workerChoice(value: string): WorkerChoice {
  if (value === "auto") return value;
  let count: number;
  try {
    count = numberOrZero(value);
  } catch {
    throw new InvalidArgumentError("It is neither auto nor a whole number");
  }
  if (count <= MAX_WORKERS) return count;
  throw new InvalidArgumentError(`It is more than ${MAX_WORKERS}`);
}
