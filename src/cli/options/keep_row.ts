// The option that leaves hosts to a session.
import { CALL_DEFAULTS } from "../../core/call/call_defaults.ts";
import { formatDuration } from "../../core/input/duration.ts";
import type { Row } from "./add_options.ts";
import { seconds } from "./option_values.ts";

export const KEEP_ROW: Row = {
  flags: "--keep <time>",
  help: "leave the hosts open in a session, for later commands, until it is " +
    `not used for this long; \`ftl open\`: ${
      formatDuration(CALL_DEFAULTS.sessionIdleMs)
    }`,
  parse: seconds,
};
