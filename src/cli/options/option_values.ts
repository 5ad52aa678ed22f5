// What the values of options mean. What cannot be read is said as commander
// says it.
import { InvalidArgumentError } from "commander";
import { parseDuration } from "../../core/input/duration.ts";
import type { HostShare } from "../../core/run/rollout.ts";

/** Values of an option that may be repeated. */
export const separatedList = (value: string, previous: unknown) => [
  ...(previous as string[] | undefined ?? []),
  value,
];
/** Words with commas between them. */
export const commas = (value: string) => value.split(",").filter(Boolean);

/** A whole number above 0. */
export function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    throw new InvalidArgumentError("It is not a whole number above 0");
  }
  return Number(value);
}

/** A whole number, or none. */
export function countOrNone(value: string): number {
  return /^0+$/.test(value) ? 0 : wholeNumber(value);
}

/** A port of TCP. */
export function portNumber(value: string): number {
  const port = wholeNumber(value);
  if (port <= 65_535) return port;
  throw new InvalidArgumentError("It is not a port from 1 to 65535");
}

/** A duration, in seconds. */
export function seconds(value: string): number {
  try {
    return parseDuration(value) / 1000;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** So many hosts, or so many of a hundred. */
export function share(value: string): HostShare {
  const [, number, percent] = /^(\d{1,9})(%)?$/.exec(value) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError("It is neither a number nor a percentage");
  }
  if (percent && Number(number) > 100) {
    throw new InvalidArgumentError("It is more than 100%");
  }
  return percent ? { percent: Number(number) } : { hosts: Number(number) };
}

/** The same, and not none. */
export function someHosts(value: string): HostShare {
  if (/^0+%?$/.test(value)) {
    throw new InvalidArgumentError("It is not a number above 0");
  }
  return share(value);
}
