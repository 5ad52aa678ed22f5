// The state of a host's gate as the console knows it. Data only;
// gate_status.ts keeps it up to date.

/** The state of one host's gate. */
export interface GateState {
  readonly state: "closed" | "opening" | "open" | "lost" | "failed";
  /** The host's Python version, if the gate is or was open. */
  readonly python?: string;
  /** When it opened, in milliseconds since 1970. */
  readonly openedAt?: number;
  /** The number of finished calls. */
  readonly calls: number;
  /** Why it was lost or failed to open. */
  readonly reason?: string;
}

/** The state of a host that has not been used. */
export const CLOSED: GateState = { state: "closed", calls: 0 };
