// Which gates and packs a host had when it was last seen. A hint may be wrong: a
// host that lacks one asks for it, which costs one round trip. A lost or stale
// entry is therefore harmless.
import { readIfPresent } from "../disk/read.ts";
import { writeAtomically } from "../disk/write.ts";

const DAY_MS = 86_400_000;
const MAX_AGE_DAYS = 60;
const MAX_PER_HOST = 16;
const MAX_HOSTS = 20_000;

/** On disk: each id once, and for each host a day and indexes of ids. */
interface Stored {
  ids: string[];
  hosts: Record<string, [day: number, ...ids: number[]]>;
}

interface Seen {
  readonly day: number;
  /** Oldest first. Hosts that have the same share a set. */
  readonly ids: ReadonlySet<string>;
}

/** The most sets that are remembered to be shared. */
const MAX_SETS = 1_000;
const sets = new Map<string, ReadonlySet<string>>();

/** The set of some ids: a large fleet has the same gate everywhere. */
function sharedSet(ids: readonly string[]): ReadonlySet<string> {
  const key = ids.join();
  let set = sets.get(key);
  if (set === undefined) {
    if (sets.size >= MAX_SETS) sets.clear();
    sets.set(key, set = new Set(ids));
  }
  return set;
}

/** The hints of one store. */
export class Hints {
  readonly #path: string;
  readonly #hosts: Map<string, Seen>;
  readonly #changed = new Set<string>();

  private constructor(path: string, hosts: Map<string, Seen>) {
    this.#path = path;
    this.#hosts = hosts;
  }

  /** Reads the hints of a file; a missing or damaged file has none. */
  static async open(path: string): Promise<Hints> {
    return new Hints(path, decode(await readIfPresent(path)));
  }

  /**
   * The ids of the gates and packs that a host had.
   *
   * @param hostKey Identifies a host and user.
   */
  gateOn(hostKey: string): ReadonlySet<string> {
    return this.#hosts.get(hostKey)?.ids ?? sharedSet([]);
  }

  /** Adds ids that a host has. */
  note(hostKey: string, ids: Iterable<string>): void {
    add(this.#hosts, hostKey, { day: today(), ids: new Set(ids) });
    this.#changed.add(hostKey);
  }

  /** Writes what was noted, and keeps what other processes noted in the meantime. */
  async save(): Promise<void> {
    if (this.#changed.size === 0) return;
    const merged = decode(await readIfPresent(this.#path));
    for (const hostKey of this.#changed) {
      add(merged, hostKey, this.#hosts.get(hostKey)!);
    }
    await writeAtomically(this.#path, encode(merged));
    this.#changed.clear();
    // A worker lives long, and meets more hosts than are kept.
    for (const hostKey of this.#hosts.keys()) {
      if (this.#hosts.size <= MAX_HOSTS) return;
      this.#hosts.delete(hostKey);
    }
  }
}

function today(): number {
  return Math.floor(Date.now() / DAY_MS);
}

/** Moves a host to the end, its newest ids last, and drops what exceeds the limit. */
function add(hosts: Map<string, Seen>, hostKey: string, seen: Seen): void {
  const old = [...hosts.get(hostKey)?.ids ?? []].filter((id) =>
    !seen.ids.has(id)
  );
  const ids = [...old, ...seen.ids].slice(-MAX_PER_HOST);
  hosts.delete(hostKey);
  hosts.set(hostKey, { day: seen.day, ids: sharedSet(ids) });
}

function encode(hosts: Map<string, Seen>): Uint8Array {
  const indexes = new Map<string, number>();
  const stored: Stored["hosts"] = Object.create(null);
  for (const [hostKey, { day, ids }] of [...hosts].slice(-MAX_HOSTS)) {
    if (day < today() - MAX_AGE_DAYS) continue;
    stored[hostKey] = [day];
    for (const id of ids) {
      if (!indexes.has(id)) indexes.set(id, indexes.size);
      stored[hostKey].push(indexes.get(id)!);
    }
  }
  const all: Stored = { ids: [...indexes.keys()], hosts: stored };
  return new TextEncoder().encode(JSON.stringify(all));
}

function decode(bytes: Uint8Array | undefined): Map<string, Seen> {
  const hosts = new Map<string, Seen>();
  if (bytes === undefined) return hosts;
  try {
    const stored: Stored = JSON.parse(new TextDecoder().decode(bytes));
    for (const [hostKey, [day, ...indexes]] of Object.entries(stored.hosts)) {
      const ids = indexes.map((index) => stored.ids[index]!);
      hosts.set(hostKey, { day, ids: sharedSet(ids) });
    }
    return hosts;
  } catch {
    return new Map(); // damaged: hosts report what they have
  }
}
