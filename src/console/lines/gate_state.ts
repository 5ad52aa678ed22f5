// What the console knows of a host's gate. Data only: the book that keeps it is
// gate_book.ts.

/** One host's gate. */
export interface GateState {
  readonly state: "closed" | "opening" | "open" | "lost" | "failed";
  /** Python's version there, when the gate is or was open. */
  readonly python?: string;
  /** When it opened, in ms since 1970. */
  readonly openedAt?: number;
  /** How many calls it has ended. */
  readonly calls: number;
  /** Why it was lost, or did not open. */
  readonly reason?: string;
}

/** A host that nothing was asked of yet. */
export const CLOSED: GateState = { state: "closed", calls: 0 };
