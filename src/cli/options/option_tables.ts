// The options of commands on hosts, by heading of the help.
import type { Row } from "./add_options.ts";
import { NATS_ROWS } from "./nats_rows.ts";
import {
  CALL_ROWS,
  CONNECT_ROWS,
  HOST_ROWS,
  MODULE_ROWS,
  OUTPUT_ROWS,
} from "./options.ts";
import { RUN_ROWS } from "./run_rows.ts";

/** The rows of a call that also apply to pushing and fetching files. */
export const TRANSFER_ROWS: readonly Row[] = CALL_ROWS.filter(({ flags }) =>
  /^(?:--timeout|-C|--no-log|--serial|--max-fail|--confirm|-y|--list-hosts)/
    .test(flags)
);

/** The tables of a command on hosts, by heading, in the order of the help. */
export function onHostsTables(
  { call = CALL_ROWS, modules, workers = NATS_ROWS }: {
    /** Default: all options of a call. */
    call?: readonly Row[];
    /** Of commands that run modules. */
    modules?: readonly Row[];
    /** About workers that make the calls. Default: all of one call. */
    workers?: readonly Row[];
  } = {},
): Record<string, readonly Row[]> {
  return {
    "Hosts:": HOST_ROWS,
    ...modules && { "Modules:": modules },
    "Calls:": call,
    "Connections:": CONNECT_ROWS,
    "Workers:": workers,
    "Output:": OUTPUT_ROWS,
  };
}

const MODULE_CALL_ROWS: readonly Row[] = [
  ...MODULE_ROWS,
  {
    flags: "--gate <file>",
    help: "use this gate, built with `ftl gate build -o`",
  },
];

/** The tables of `ftl run`. */
export const RUN_TABLES = onHostsTables({
  call: [...RUN_ROWS, ...CALL_ROWS],
  modules: MODULE_CALL_ROWS,
});

/** The tables of `ftl console`. */
export const CONSOLE_TABLES = onHostsTables({
  modules: MODULE_CALL_ROWS,
  workers: NATS_ROWS.filter(({ flags }) => flags !== "--detach"),
});

/** Only useful for one command line. */
const NEVER_SET = /^--(?:list-hosts|detach)/;

/** The options that a file of settings may set, by heading. */
export const SETTING_TABLES: Readonly<Record<string, readonly Row[]>> = Object
  .fromEntries(
    Object.entries(RUN_TABLES).map(([heading, rows]) => [
      heading,
      rows.filter(({ flags }) => !NEVER_SET.test(flags)),
    ]),
  );
