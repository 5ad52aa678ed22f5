// Python's datetime, as far as templates use it, and `strftime`.
import { TemplateError } from "../template_error.ts";
import { callable } from "./bind_arguments.ts";
import { toText } from "./printed_text.ts";
import { TemplateObject, type Value } from "./template_value.ts";

const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday"
  .split(" ");
const MONTHS = ("January February March April May June July August September " +
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
}

/** A time without a zone. */
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
        return callable(name, "", () => this.#localMs() / 1000);
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
            new DateTime({
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
      (microsecond === 0 ? "" : `.${two(microsecond, 6)}`);
  }

  override minus(other: Value): Value | undefined {
    if (!(other instanceof DateTime)) return undefined;
    const between = utcMs(this.parts) - utcMs(other.parts);
    const micros = this.parts.microsecond - other.parts.microsecond;
    return new TimeDelta(between * 1000 + micros % 1000);
  }

  #localMs(): number {
    const { year, month, day, hour, minute, second, microsecond } = this.parts;
    return new Date(year, month - 1, day, hour, minute, second)
      .getTime() + microsecond / 1000;
  }
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
  const { year, month, day, hour, minute, second, microsecond } = parts;
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
      case "s":
        return String(
          new Date(year, month - 1, day, hour, minute, second).getTime() / 1000,
        );
      case "n":
        return "\n";
      case "t":
        return "\t";
      case "%":
        return "%";
      case "Z":
      case "z":
        return ""; // the time has no zone
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
    /%(-?)([A-Za-z%])/g,
    (whole, plain, letter) => {
      const text = each(letter) ?? whole;
      return plain === "" ? text : text.replace(/^[0 ]+(?=.)/, "");
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

/**
 * Python's `strptime`.
 *
 * @throws {TemplateError} when the text does not fit the format.
 */
export function parseTime(text: string, format: string): DateTime {
  const names: string[] = [];
  const pattern = format.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(
    /%([A-Za-z%])/g,
    (_, letter) => {
      if (letter === "%") return "%";
      names.push(letter);
      const known = PARSED[letter];
      if (known !== undefined) return `(${known})`;
      throw new TemplateError(`'${letter}' is a bad directive in '${format}'`);
    },
  ).replace(/\s+/g, "\\s+");
  const match = new RegExp(`^${pattern}$`, "i").exec(text);
  if (match === null) {
    throw new TemplateError(
      `time data '${text}' does not match format '${format}'`,
    );
  }
  const found = new Map(names.map((name, at) => [name, match[at + 1]!]));
  const number = (...letters: string[]) => {
    const name = letters.find((letter) => found.has(letter));
    return name === undefined ? undefined : Number(found.get(name));
  };
  const named = (letter: string, names: readonly string[]) => {
    const text = found.get(letter)?.toLowerCase();
    if (text === undefined) return undefined;
    return names.findIndex((name) => name.toLowerCase().startsWith(text)) + 1;
  };
  const short = number("y");
  const noon = found.get("p")?.toLowerCase() === "pm" ? 12 : 0;
  const twelve = number("I");
  return new DateTime({
    year: number("Y") ??
      (short === undefined ? 1900 : short + (short < 69 ? 2000 : 1900)),
    month: number("m") ?? named("b", MONTHS) ?? named("B", MONTHS) ?? 1,
    day: number("d", "e") ?? 1,
    hour: number("H") ?? (twelve === undefined ? 0 : twelve % 12 + noon),
    minute: number("M") ?? 0,
    second: number("S") ?? 0,
    microsecond: Number((found.get("f") ?? "0").padEnd(6, "0")),
  });
}

const PARSED: Readonly<Record<string, string>> = {
  Y: "\\d{4}",
  y: "\\d\\d",
  m: "1[0-2]|0?[1-9]",
  d: "3[01]|[12]\\d|0?[1-9]",
  e: "3[01]|[12]\\d|0?[1-9]",
  H: "2[0-3]|[01]?\\d",
  I: "1[0-2]|0?[1-9]",
  M: "[0-5]?\\d",
  S: "6[01]|[0-5]?\\d",
  f: "\\d{1,6}",
  p: "am|pm",
  b: MONTHS.map((name) => name.slice(0, 3)).join("|"),
  B: MONTHS.join("|"),
  a: DAYS.map((name) => name.slice(0, 3)).join("|"),
  A: DAYS.join("|"),
  Z: "UTC|GMT|",
  z: "[-+]\\d\\d:?\\d\\d|Z",
};
