// Times as people write them: `30s`, `5m`. ftl has no other grammar for them.

/** The longest that anything may be given: a year, in milliseconds. */
export const LONGEST_DURATION_MS = 365 * 24 * 3_600_000;

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Writes a time as `parseDuration()` reads it, in its largest whole unit. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNITS).reverse();
  const [unit, length] = units.find(([, length]) => ms % length === 0)!;
  return `${ms / length}${unit}`;
}

/**
 * Reads a time; a bare number is in seconds.
 *
 * @returns Milliseconds, more than 0.
 * @throws {SyntaxError} when it is not a time, or longer than a year.
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const unit = (match?.[2] ?? "s") as keyof typeof UNITS;
  const ms = Number(match?.[1]) * UNITS[unit];
  if (ms > LONGEST_DURATION_MS) {
    throw new SyntaxError(`${JSON.stringify(text)} is longer than a year`);
  }
  if (ms > 0) return ms;
  throw new SyntaxError(
    `${
      JSON.stringify(text)
    } is not a time above 0: write seconds, or 500ms, 30s, 5m, 1h`,
  );
}
