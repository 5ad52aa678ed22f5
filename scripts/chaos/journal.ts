// What hosts noted against what was reported. A journal is a file to which every
// call appends a line when it begins and another when it ends.

/** A result, as far as it can be checked. */
export interface Report {
  readonly id: string;
  readonly host: string;
  /** The kind of call. */
  readonly kind: string;
  readonly status: string;
  /** The message and the hint of its error; empty without one. */
  readonly error: string;
  /** The id that the result itself names, if any. */
  readonly named?: string | undefined;
}

/** How often a call began and ended on a host. */
export interface Noted {
  begun: number;
  ended: number;
}

/** What a result says about how often its call ran. */
export type Claim = "once" | "at most once" | "never";

/** Reads a journal. */
export function readJournal(text: string): Map<string, Noted> {
  const calls = new Map<string, Noted>();
  for (const line of text.split("\n")) {
    const [what, id] = line.split(" ");
    if (id === undefined) continue;
    const noted = calls.get(id) ?? { begun: 0, ended: 0 };
    if (what === "begin") noted.begun++;
    if (what === "end") noted.ended++;
    calls.set(id, noted);
  }
  return calls;
}

const MAY_HAVE_RUN =
  /may have taken effect|may still take effect|may still be running/;
const NOT_BEGUN = /before the call began|was not started/;

/** What a result says about its call. */
export function claimOf({ status, error }: Report): Claim {
  if (status === "ok" || status === "changed") return "once";
  if (status === "failed" || status === "timed_out") return "at most once";
  if (status === "cancelled") {
    return NOT_BEGUN.test(error) ? "never" : "at most once";
  }
  return MAY_HAVE_RUN.test(error) ? "at most once" : "never";
}

/** Why a report is not true; undefined when it is. */
export function untruthOf(
  report: Report,
  { begun, ended }: Noted = { begun: 0, ended: 0 },
): string | undefined {
  const claim = claimOf(report);
  const isTrue = {
    "once": begun === 1 && ended === 1,
    "at most once": begun <= 1,
    "never": begun === 0,
  }[claim];
  const { id, host, kind, status, error, named } = report;
  const what = `${kind} ${id} on ${host} is ${status}`;
  if (!isTrue) {
    return `${what}, which means ${claim}, but it began ${begun} and ended ` +
      `${ended} times${error === "" ? "" : `: ${error}`}`;
  }
  if (claim === "once" && named !== undefined && named !== id) {
    return `${what}, but its result is that of ${named}`;
  }
  return undefined;
}
