// Durations as people write them: `30s`, `5m`. ftl has no other grammar for them.

/** The longest duration that ftl accepts: a year, in ms. */
export const LONGEST_DURATION_MS = 365 * 24 * 3_600_000;

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Writes a duration in its largest whole unit, as `parseDuration()` reads it. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNITS).reverse();
  const [unit, length] = units.find(([, length]) => ms % length === 0)!;
  return `${ms / length}${unit}`;
}

/**
 * Reads a duration; a number without a unit is in seconds.
 *
 * @returns Milliseconds, above 0.
 * @throws {SyntaxError} when it is not a duration, or longer than a year.
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
    } is not a duration above 0: write seconds, or 500ms, 30s, 5m, 1h`,
  );
}
