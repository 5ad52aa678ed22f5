// The published figures, as `deno task bench publish` keeps them: what was measured,
// where, and how. Charts and tables are drawn from this and nothing else.

/** A quantity that is measured of each program. Times are in ms, sizes in bytes. */
export type Quantity =
  | "wall_ms"
  | "cpu_ms"
  | "host_cpu_ms"
  | "memory_bytes"
  | "wire_bytes";

/** A program and its medians; null where it was not measured. */
export interface ResultRow {
  readonly program: string;
  /** The command, without the options that name hosts, keys and folders. */
  readonly command: string;
  readonly values: Readonly<Partial<Record<Quantity, number | null>>>;
  /** Why there are no values. */
  readonly failure?: string;
}

/** One comparison: the same work, done by several programs. */
export interface ResultCase {
  readonly id: string;
  readonly title: string;
  /** What was set, and what is counted. */
  readonly about: string;
  readonly quantities: readonly Quantity[];
  readonly rows: readonly ResultRow[];
}

/** All figures of one run. */
export interface Results {
  /** ISO 8601 in UTC. */
  readonly measured: string;
  /** Where: `2 cores (…), 24 GiB, Linux 6.1`. */
  readonly machine: string;
  /** The load of the machine in the minute before; an idle one has none. */
  readonly load: number;
  /** `ftl 0.1.0`, `ansible-core 2.14.18`, … */
  readonly versions: readonly string[];
  readonly cases: readonly ResultCase[];
}
