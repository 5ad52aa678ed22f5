// Python's `strptime`: reads a time by a format.
import { TemplateError } from "../template_error.ts";
import { DateTime, DAYS, MONTHS, offsetText, type Zone } from "./date_time.ts";

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
    ...(found.has("z") && { zone: zoneOf(found.get("z")!) }),
  });
}

/** The zone that `+0100`, `+01:00` or `Z` means. */
function zoneOf(offset: string): Zone {
  const [, sign, hours, minutes] = /^([-+])(\d\d):?(\d\d)$/.exec(offset) ?? [];
  const size = 3600 * Number(hours ?? 0) + 60 * Number(minutes ?? 0);
  const seconds = sign === "-" ? -size : size;
  const zone = { seconds, name: "UTC" };
  return seconds === 0
    ? zone
    : { ...zone, name: `UTC${offsetText(zone, ":")}` };
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
