// strftime and to_datetime.
import type { Filter } from "../run/library_types.ts";
import { isTrue } from "../values/compare.ts";
import { formatTime, partsAt, type Zone } from "../values/date_time.ts";
import { toFloat } from "../values/numbers.ts";
import { parseTime } from "../values/parse_time.ts";
import { toText } from "../values/printed_text.ts";

/** UTC, or the zone of this machine at a time. */
function zoneAt(ms: number, isUtc: boolean): Zone {
  if (isUtc) return { seconds: 0, name: "GMT" };
  const date = new Date(ms);
  const name = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" })
    .formatToParts(date).find(({ type }) => type === "timeZoneName")?.value;
  return { seconds: -60 * date.getTimezoneOffset(), name: name ?? "" };
}

/** The filters of this file. */
export const DATE_FILTERS: Readonly<Record<string, Filter>> = {
  strftime: ["second? utc?", (value, { args }, { controller }) => {
    const { second, utc = false } = args;
    const ms = second === undefined || second === null
      ? controller.now
      : toFloat(second) * 1000;
    const isUtc = isTrue(utc);
    const parts = { ...partsAt(ms, isUtc), zone: zoneAt(ms, isUtc) };
    return formatTime(parts, toText(value));
  }],
  to_datetime: [
    "format?",
    (value, { args }) =>
      parseTime(toText(value), toText(args.format ?? "%Y-%m-%d %H:%M:%S")),
  ],
};
