// strftime and to_datetime.
import type { Filter } from "../run/library_types.ts";
import { isTrue } from "../values/compare.ts";
import { formatTime, parseTime, partsAt } from "../values/date_time.ts";
import { toFloat } from "../values/numbers.ts";
import { toText } from "../values/printed_text.ts";

/** The filters of this file. */
export const DATE_FILTERS: Readonly<Record<string, Filter>> = {
  strftime: ["second? utc?", (value, { args }, { controller }) => {
    const { second, utc = false } = args;
    const ms = second === undefined || second === null
      ? controller.now
      : toFloat(second) * 1000;
    return formatTime(partsAt(ms, isTrue(utc)), toText(value));
  }],
  to_datetime: [
    "format?",
    (value, { args }) =>
      parseTime(toText(value), toText(args.format ?? "%Y-%m-%d %H:%M:%S")),
  ],
};
