// What ftl has learned about reaching a host: how it let the user in, and why it
// needs the system's `ssh`. A note may be wrong: it costs a detour, never a login.
import { readIfPresent } from "../disk/read.ts";
import { writeAtomically } from "../disk/write.ts";

const DAY_MS = 86_400_000;
/** A host may have changed since: after this time it is met as a new one. */
const MAX_AGE_DAYS = 30;
const MAX_HOSTS = 20_000;
const MAX_TEXT = 300;

/** What was learned about one host. */
export interface HostNote {
  /** How the host let the user in. */
  readonly login?: string | undefined;
  /** Why the system's `ssh` connects to it. */
  readonly openssh?: string | undefined;
}

interface Dated {
  readonly day: number;
  readonly note: HostNote;
}

/** On disk. */
type Stored = Record<string, [day: number, login: string, openssh: string]>;

/** The notes of one store. */
export class HostNotes {
  readonly #path: string;
  readonly #hosts: Map<string, Dated>;
  readonly #changed = new Set<string>();

  private constructor(path: string, hosts: Map<string, Dated>) {
    this.#path = path;
    this.#hosts = hosts;
  }

  /** Reads the notes of a file; a missing or damaged file has none. */
  static async open(path: string): Promise<HostNotes> {
    return new HostNotes(path, decode(await readIfPresent(path)));
  }

  /**
   * What was learned about a host.
   *
   * @param hostKey Identifies the way to a host and the user.
   */
  of(hostKey: string): HostNote {
    return this.#hosts.get(hostKey)?.note ?? {};
  }

  /** Adds to what is known about a host. */
  note(hostKey: string, change: HostNote): void {
    const known = this.of(hostKey);
    const note = { ...known, ...change };
    if (note.login === known.login && note.openssh === known.openssh) return;
    this.#hosts.set(hostKey, { day: today(), note });
    this.#changed.add(hostKey);
  }

  /** Writes what was noted, and keeps what other processes noted in the meantime. */
  async save(): Promise<void> {
    if (this.#changed.size === 0) return;
    const merged = decode(await readIfPresent(this.#path));
    for (const hostKey of this.#changed) {
      merged.delete(hostKey); // to the end: the newest are kept
      merged.set(hostKey, this.#hosts.get(hostKey)!);
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

function encode(hosts: Map<string, Dated>): Uint8Array {
  const stored: Stored = Object.create(null);
  for (const [hostKey, { day, note }] of [...hosts].slice(-MAX_HOSTS)) {
    const { login = "", openssh = "" } = note;
    stored[hostKey] = [
      day,
      login.slice(0, MAX_TEXT),
      openssh.slice(0, MAX_TEXT),
    ];
  }
  return new TextEncoder().encode(JSON.stringify(stored));
}

function decode(bytes: Uint8Array | undefined): Map<string, Dated> {
  const hosts = new Map<string, Dated>();
  if (bytes === undefined) return hosts;
  try {
    const stored: Stored = JSON.parse(new TextDecoder().decode(bytes));
    for (const [hostKey, [day, login, openssh]] of Object.entries(stored)) {
      if (!(day >= today() - MAX_AGE_DAYS)) continue;
      const note = {
        ...(login && { login: String(login) }),
        ...(openssh && { openssh: String(openssh) }),
      };
      hosts.set(hostKey, { day, note });
    }
    return hosts;
  } catch {
    return new Map(); // damaged: hosts are met as new ones
  }
}
