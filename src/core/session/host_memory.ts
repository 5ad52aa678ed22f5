// What a session remembers of hosts: on disk, or, in a worker, at the client, which
// says what it knows with each host and is told what is new.
import type { HostNote } from "../../store/host_notes.ts";
import type { Store } from "../../store/store.ts";

/** The gates and packs that hosts keep; see `Hints`. */
export interface HostHints {
  gateOn(hostKey: string): ReadonlySet<string>;
  note(hostKey: string, ids: Iterable<string>): void;
}

/** How hosts are reached; see `HostNotes`. */
export interface HostNotebook {
  of(hostKey: string): HostNote;
  note(hostKey: string, change: HostNote): void;
}

/** The memory of a session. */
export interface HostMemory {
  readonly hints: HostHints;
  readonly notes: HostNotebook;
  /** Takes what the client knows about hosts, by their keys. */
  learn(notes: Readonly<Record<string, HostNote>>): void;
  /** Takes an archive that the client knows a host to have. */
  learnArchive(hostKey: string, id: string): void;
  /** A host was closed: what the client knows is not kept for it. */
  forget(hostKey: string): void;
  /** What was noted since the last time, for the client; undefined for nothing. */
  takeNoted(): Readonly<Record<string, HostNote>> | undefined;
  save(): Promise<void>;
}

const NOTHING: ReadonlySet<string> = new Set();

/** The memory on disk; without a store nothing is remembered. */
export function storeMemory(store: Store | undefined): HostMemory {
  return {
    hints: store?.hints ?? { gateOn: () => NOTHING, note: () => {} },
    notes: store?.hostNotes ?? { of: () => ({}), note: () => {} },
    learn: () => {}, // the session reads the same files
    learnArchive: () => {},
    forget: () => {},
    takeNoted: () => undefined,
    async save() {
      try {
        await store?.hints.save();
        await store?.hostNotes.save();
      } catch {
        // A lost hint costs one round trip, nothing else.
      }
    },
  };
}

/** The memory at the client. */
export function clientMemory(): HostMemory {
  const known = new Map<string, HostNote>();
  const archives = new Map<string, ReadonlySet<string>>();
  let noted: Record<string, HostNote> | undefined;
  return {
    hints: {
      gateOn(key) {
        const ids = archives.get(key) ?? NOTHING;
        archives.delete(key); // the client says it with each gate
        return ids;
      },
      note: () => {}, // the client learns it from the gate
    },
    notes: {
      of: (key) => known.get(key) ?? {},
      note(key, change) {
        const before = known.get(key) ?? {};
        const note = { ...before, ...change };
        if (note.login === before.login && note.openssh === before.openssh) {
          return;
        }
        known.set(key, note);
        noted ??= Object.create(null) as Record<string, HostNote>;
        noted[key] = note;
      },
    },
    learn(notes) {
      for (const [key, note] of Object.entries(notes)) known.set(key, note);
    },
    learnArchive: (key, id) => archives.set(key, new Set([id])),
    forget: (key) => known.delete(key),
    takeNoted() {
      const taken = noted;
      noted = undefined;
      return taken;
    },
    save: () => Promise.resolve(),
  };
}
