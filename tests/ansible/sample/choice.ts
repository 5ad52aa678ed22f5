// The modules of the sample: chosen from Debian's collections by a seed, so that
// every machine with the same packages chooses the same ones.
import { createHash } from "node:crypto";
import { runPython } from "../../support/ansible.ts";

const POOL = new URL("./pool.py", import.meta.url);
/** Choose others by changing it. */
const SEED = "2026-11";

/** A module that may be chosen. */
export interface Candidate {
  /** The full name. */
  readonly name: string;
  /** The programs that it looks for. */
  readonly programs: readonly string[];
  /** The arguments of the examples in its documentation. */
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

/** Chooses `count` modules, sorted by name, without those named in `others`. */
export async function chooseModules(
  { python, collections, count, others }: {
    python: string;
    /** The folder `ansible_collections`. */
    collections: string;
    count: number;
    others: ReadonlySet<string>;
  },
): Promise<Candidate[]> {
  const pool = await runPython(python, POOL, collections) as Record<
    string,
    Omit<Candidate, "name">
  >;
  const rank = (name: string) =>
    createHash("sha256").update(`${SEED} ${name}`).digest("hex");
  return Object.keys(pool)
    .filter((name) => !others.has(name))
    .map((name) => ({ name, ...pool[name]!, rank: rank(name) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
