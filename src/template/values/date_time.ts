// Python's datetime, as far as templates use it, and `strftime`.
import { TemplateError } from "../template_error.ts";
import { callable } from "./bind_arguments.ts";
import { toText } from "./printed_text.ts";
import { TemplateObject, type Value } from "./template_value.ts";

/** The names of the days, from Sunday. */
export const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday"
  .split(" ");
/** The names of the months. */
export const MONTHS =
  ("January February March April May June July August September " +
    "October November December").split(" ");

/** The parts of a time, in the zone in which it is shown. */
export interface TimeParts {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** Its zone; absent when it is not known. */
  readonly zone?: Zone;
}

/** How far the clocks of a zone are ahead of UTC, and what it is called. */
export interface Zone {
  readonly seconds: number;
  readonly name: string;
}

/** A date and a time of day. */
export class DateTime extends TemplateObject {
  readonly typeName = "datetime";

  constructor(readonly parts: TimeParts) {
    super();
  }

  /** A moment, in the local zone or in UTC. */
  static at(ms: number, isUtc = false): DateTime {
    return new DateTime(partsAt(ms, isUtc));
  }

  attribute(name: string): Value | undefined {
    switch (name) {
      case "year":
      case "month":
      case "day":
      case "hour":
      case "minute":
      case "second":
      case "microsecond":
        return BigInt(this.parts[name]);
      case "strftime":
        return callable(
          name,
          "format",
          ({ args }) => formatTime(this.parts, toText(args.format!)),
        );
      case "isoformat":
        return callable(
          name,
          "sep?",
          ({ args }) => this.text().replace(" ", toText(args.sep ?? "T")),
        );
      case "timestamp":
        return callable(name, "", () => secondsOf(this.parts));
      case "weekday":
        return callable(
          name,
          "",
          () => BigInt((weekdayOf(this.parts) + 6) % 7),
        );
      case "isoweekday":
        return callable(name, "", () => BigInt(weekdayOf(this.parts) || 7));
      case "date":
        return callable(
          name,
          "",
          () =>
            new CalendarDate({
              ...this.parts,
              hour: 0,
              minute: 0,
              second: 0,
              microsecond: 0,
            }),
        );
      default:
        return undefined;
    }
  }

  override text(): string {
    const { microsecond } = this.parts;
    return formatTime(this.parts, "%Y-%m-%d %H:%M:%S") +
      (microsecond === 0 ? "" : `.${two(microsecond, 6)}`) +
      offsetText(this.parts.zone, ":");
  }

  override minus(other: Value): Value | undefined {
    if (!(other instanceof DateTime)) return undefined;
    const [zone, others] = [this.parts.zone, other.parts.zone];
    if ((zone === undefined) !== (others === undefined)) {
      throw new TemplateError(
        "can't subtract offset-naive and offset-aware datetimes",
      );
    }
    const ahead = (zone?.seconds ?? 0) - (others?.seconds ?? 0);
    const between = utcMs(this.parts) - utcMs(other.parts) - ahead * 1000;
    const micros = this.parts.microsecond - other.parts.microsecond;
    return new TimeDelta(between * 1000 + micros % 1000);
  }
}

/** A date without a time of day. */
class CalendarDate extends DateTime {
  override text(): string {
    return formatTime(this.parts, "%Y-%m-%d");
  }
}

/** Seconds since 1970; a time without a zone is one of this machine. */
function secondsOf(parts: TimeParts): number {
  const { year, month, day, hour, minute, second, microsecond, zone } = parts;
  const whole = zone === undefined
    ? new Date(year, month - 1, day, hour, minute, second).getTime() / 1000
    : Math.floor(utcMs(parts) / 1000) - zone.seconds;
  return whole + microsecond / 1e6;
}

/** `+01:00`, with a mark between hours and minutes; "" without a zone. */
export function offsetText(zone: Zone | undefined, mark: string): string {
  if (zone === undefined) return "";
  const minutes = Math.floor(Math.abs(zone.seconds) / 60);
  const sign = zone.seconds < 0 ? "-" : "+";
  return sign + two(Math.floor(minutes / 60)) + mark + two(minutes % 60);
}

/** The time between two times, in microseconds. */
class TimeDelta extends TemplateObject {
  readonly typeName = "timedelta";

  constructor(readonly micros: number) {
    super();
  }

  attribute(name: string): Value | undefined {
    const perDay = 86_400_000_000;
    const days = Math.floor(this.micros / perDay);
    const rest = this.micros - days * perDay;
    switch (name) {
      case "days":
        return BigInt(days);
      case "seconds":
        return BigInt(Math.floor(rest / 1e6));
      case "microseconds":
        return BigInt(rest % 1e6);
      case "total_seconds":
        return callable(name, "", () => this.micros / 1e6);
      default:
        return undefined;
    }
  }

  override text(): string {
    const days = Number(this.attribute("days"));
    const seconds = Number(this.attribute("seconds"));
    const micros = Number(this.attribute("microseconds"));
    const clock = `${Math.floor(seconds / 3600)}:${
      two(Math.floor(seconds / 60) % 60)
    }:${two(seconds % 60)}${micros === 0 ? "" : `.${two(micros, 6)}`}`;
    if (days === 0) return clock;
    return `${days} day${Math.abs(days) === 1 ? "" : "s"}, ${clock}`;
  }
}

/** The parts of a moment. */
export function partsAt(ms: number, isUtc: boolean): TimeParts {
  const date = new Date(ms);
  const zone = isUtc ? 0 : date.getTimezoneOffset() * 60_000;
  const shown = new Date(date.getTime() - zone);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    microsecond: shown.getUTCMilliseconds() * 1000,
  };
}

function utcMs(parts: TimeParts): number {
  const { year, month, day, hour, minute, second, microsecond } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) +
    Math.floor(microsecond / 1000);
}

function weekdayOf(parts: TimeParts): number {
  return new Date(utcMs(parts)).getUTCDay();
}

function two(number: number, digits = 2): string {
  return String(number).padStart(digits, "0");
}

function dayOfYear({ year, month, day }: TimeParts): number {
  return (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000 +
    1;
}

/** Python's `strftime` in the locale C. */
export function formatTime(parts: TimeParts, format: string): string {
  const { year, month, day, hour, minute, second, microsecond, zone } = parts;
  const weekday = weekdayOf(parts);
  const clock = hour % 12 || 12;
  const each = (letter: string): string | undefined => {
    switch (letter) {
      case "Y":
        return String(year);
      case "y":
        return two(year % 100);
      case "C":
        return two(Math.floor(year / 100));
      case "m":
        return two(month);
      case "d":
        return two(day);
      case "e":
        return String(day).padStart(2);
      case "H":
        return two(hour);
      case "k":
        return String(hour).padStart(2);
      case "I":
        return two(clock);
      case "l":
        return String(clock).padStart(2);
      case "M":
        return two(minute);
      case "S":
        return two(second);
      case "f":
        return two(microsecond, 6);
      case "p":
        return hour < 12 ? "AM" : "PM";
      case "A":
        return DAYS[weekday];
      case "a":
        return DAYS[weekday]!.slice(0, 3);
      case "B":
        return MONTHS[month - 1];
      case "b":
      case "h":
        return MONTHS[month - 1]!.slice(0, 3);
      case "j":
        return two(dayOfYear(parts), 3);
      case "u":
        return String(weekday || 7);
      case "w":
        return String(weekday);
      case "U":
        return two(Math.floor((dayOfYear(parts) + 6 - weekday) / 7));
      case "W":
        return two(Math.floor((dayOfYear(parts) + 6 - (weekday + 6) % 7) / 7));
      case "V":
        return two(isoWeek(parts).week);
      case "G":
        return String(isoWeek(parts).year);
      case "g":
        return two(isoWeek(parts).year % 100);
      case "s": {
        const { zone: _, ...plain } = parts; // as C's mktime() does
        return String(Math.floor(secondsOf(plain)));
      }
      case "n":
        return "\n";
      case "t":
        return "\t";
      case "%":
        return "%";
      case "P":
        return hour < 12 ? "am" : "pm";
      case "Z":
        return zone?.name ?? "";
      case "z":
        return offsetText(zone, "");
      case "F":
        return formatTime(parts, "%Y-%m-%d");
      case "T":
      case "X":
        return formatTime(parts, "%H:%M:%S");
      case "R":
        return formatTime(parts, "%H:%M");
      case "D":
      case "x":
        return formatTime(parts, "%m/%d/%y");
      case "r":
        return formatTime(parts, "%I:%M:%S %p");
      case "c":
        return formatTime(parts, "%a %b %e %H:%M:%S %Y");
      default:
        return undefined;
    }
  };
  return format.replace(
    /%([-_]?)([A-Za-z%])/g,
    (whole, flag, letter) => {
      const text = each(letter) ?? whole;
      return flag === "" ? text : text.replace(
        /^[0 ]+(?=.)/,
        (lead) => flag === "_" ? " ".repeat(lead.length) : "",
      );
    },
  );
}

function isoWeek(parts: TimeParts): { year: number; week: number } {
  const { year, month, day } = parts;
  const thursday = new Date(Date.UTC(year, month - 1, day));
  thursday.setUTCDate(day + 4 - (weekdayOf(parts) || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return {
    year: thursday.getUTCFullYear(),
    week: Math.ceil(((thursday.getTime() - first) / 86_400_000 + 1) / 7),
  };
}
