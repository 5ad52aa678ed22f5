// Parses the values of options. A value that cannot be parsed throws commander's
// InvalidArgumentError, which becomes a usage error.
import { InvalidArgumentError } from "commander";
import {
  LONGEST_DURATION_MS,
  parseDuration,
} from "../../core/input/duration.ts";
import { MOST_STDOUT } from "../../protocol/limits.ts";
import type { HostShare } from "../../core/run/rollout.ts";

/** Collects the values of an option that may be repeated. */
export const repeatable = (value: string, previous: unknown) => [
  ...(previous as string[] | undefined ?? []),
  value,
];
/** Splits a comma-separated list. */
export const commaSeparated = (value: string) =>
  value.split(",").filter(Boolean);

/** A whole number above 0. */
export function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    throw new InvalidArgumentError("It is not a whole number above 0");
  }
  return Number(value);
}

/** A whole number, 0 included. */
export function numberOrZero(value: string): number {
  return /^0+$/.test(value) ? 0 : wholeNumber(value);
}

/** A TCP port. */
export function portNumber(value: string): number {
  const port = wholeNumber(value);
  if (port <= 65_535) return port;
  throw new InvalidArgumentError("It is not a port from 1 to 65535");
}

/** A duration such as `90`, `5m` or `1h`; resolves to seconds. */
export function seconds(value: string): number {
  try {
    return parseDuration(value) / 1000;
  } catch (error) {
    const { message } = error as Error;
    throw new InvalidArgumentError(
      message.replace(/^"[^]*" is/, "It is").replace(": write", ". Write"),
    );
  }
}

/** A duration in seconds; 0 means never, which is a year. */
export function secondsOrNever(value: string): number {
  return secondsOrZero(value) || LONGEST_DURATION_MS / 1000;
}

/** A duration in seconds, or 0. */
export function secondsOrZero(value: string): number {
  if (/^0+(?:ms|s|m|h)?$/.test(value)) return 0;
  try {
    return seconds(value);
  } catch (error) {
    const { message } = error as Error;
    throw new InvalidArgumentError(message.replace(" above 0", ""));
  }
}

/** A size such as `500K`, `20M` or `4G`; resolves to bytes. */
export function byteCount(text: string): number {
  const [, digits, unit] = /^(\d{1,12})([KMGT]?)B?$/i.exec(text) ?? [];
  const bytes = Number(digits) *
    1024 ** " KMGT".indexOf(unit?.toUpperCase() || " ");
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError("It is not a size such as 500K, 20M or 4G");
}

/** The size of a result: no more than has room in one message. */
export function outputSize(text: string): number {
  const bytes = byteCount(text);
  if (bytes <= MOST_STDOUT) return bytes;
  throw new InvalidArgumentError(
    `It is more than the ${MOST_STDOUT / 1024 ** 2}M that a result can hold`,
  );
}

/** A number of hosts, or a percentage of them. */
export function hostShare(value: string): HostShare {
  const [, number, percent] = /^(\d{1,9})(%)?$/.exec(value) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError("It is neither a number nor a percentage");
  }
  if (percent && Number(number) > 100) {
    throw new InvalidArgumentError("It is more than 100%");
  }
  return percent ? { percent: Number(number) } : { hosts: Number(number) };
}

/** A number of hosts, or a percentage of them, above 0. */
export function positiveShare(value: string): HostShare {
  if (/^0+%?$/.test(value)) {
    throw new InvalidArgumentError("It is not a number above 0");
  }
  return hostShare(value);
}
