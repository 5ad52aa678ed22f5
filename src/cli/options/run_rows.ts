// The options of `ftl run` alone that a file of settings may hold too.
import type { Row } from "./add_options.ts";
import { seconds, secondsOrZero } from "./option_values.ts";

export const RUN_ROWS: readonly Row[] = [
  {
    flags: "--facts",
    help: "run setup on each host first: arguments and -l then have its facts",
  },
  {
    flags: "-B, --background <time>",
    help: "run as a job that may take this long, and outlives ftl",
    parse: seconds,
  },
  {
    flags: "-P, --poll <time>",
    help:
      "with -B, look for the result this often; 0 leaves the job (default: 15s)",
    parse: secondsOrZero,
  },
];
