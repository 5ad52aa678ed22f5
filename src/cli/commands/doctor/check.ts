// The result of one check of the doctor: a verdict, what was found, and a remedy.

/** From fine to what keeps ftl from working. */
const VERDICTS = ["ok", "warn", "fail"] as const;
export type CheckVerdict = typeof VERDICTS[number];

/** The result of one check. Plain data. */
export interface Check {
  /** One or two words: `agent`, `open files`. */
  readonly name: string;
  readonly verdict: CheckVerdict;
  /** What was found, in one line. */
  readonly found: string;
  /** What to do about it: an imperative sentence without a period. */
  readonly remedy?: string;
  /** How long it took, if that matters. */
  readonly ms?: number;
  /** Details, line by line. */
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

/** A failed check, from an error and its hint. */
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

/** A number with its noun: `1 key`, `3 keys`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
