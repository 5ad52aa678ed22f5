// What a doctor says of one thing: how it is, and what to do about it.

/** From what needs nothing to what keeps ftl from working. */
export const VERDICTS = ["ok", "warn", "fail"] as const;
export type CheckVerdict = typeof VERDICTS[number];

/** One thing that was looked at. Plain data. */
export interface Check {
  /** One word: `agent`. */
  readonly name: string;
  readonly verdict: CheckVerdict;
  /** What was found, in one line. */
  readonly found: string;
  /** What to do about it, one sentence. */
  readonly remedy?: string;
  /** How long it took, where that matters. */
  readonly ms?: number;
  /** More about it, line by line. */
  readonly details?: readonly string[];
}

/** The worst of several verdicts. */
export function worstOf(
  checks: readonly Pick<Check, "verdict">[],
): CheckVerdict {
  const worst = checks.reduce(
    (most, { verdict }) => Math.max(most, VERDICTS.indexOf(verdict)),
    0,
  );
  return VERDICTS[worst]!;
}

/** A check whose failure is an error that says what to do. */
export function failed(name: string, error: unknown): Check {
  if (!(error instanceof Error)) throw error;
  const hint = "hint" in error && typeof error.hint === "string"
    ? error.hint
    : undefined;
  return {
    name,
    verdict: "fail",
    found: error.message,
    ...(hint && { remedy: hint }),
  };
}

/** How many there are of something: `1 key`, `3 keys`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
