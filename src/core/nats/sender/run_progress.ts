// How far each host of a run is, as its sender knows it; a few bytes for each host.

/** How far a host is. */
export const STATE = {
  waiting: 0,
  sent: 1,
  begun: 2,
  done: 3,
} as const;

/** How many hosts wait at a site, and the number of the first. */
export interface WaitingSite {
  hosts: number;
  readonly first: number;
}

interface OpenChunk {
  /** How many of its hosts have no result. */
  left: number;
  readonly site: string;
  isStored: boolean;
}

/** The states of the hosts of one run, by their numbers. */
export class RunProgress {
  readonly #states: Uint8Array;
  readonly #chunks: Int32Array;
  readonly #workers: Int32Array;
  /** The number of each worker that was the first to begin a host. */
  readonly #numbers = new Map<string, number>();
  /** The chunks with hosts that have no result. */
  readonly #open = new Map<number, OpenChunk>();
  #left: number;

  constructor(hosts: number) {
    this.#states = new Uint8Array(hosts);
    this.#chunks = new Int32Array(hosts).fill(-1);
    this.#workers = new Int32Array(hosts).fill(-1);
    this.#left = hosts;
  }

  /** How many hosts have no result. */
  get left(): number {
    return this.#left;
  }

  /** Whether a number is one of a host without a result. */
  isOpen(index: number): boolean {
    return index >= 0 && index < this.#states.length &&
      this.#states[index] !== STATE.done;
  }

  hasBegun(index: number): boolean {
    return this.#states[index] === STATE.begun;
  }

  /** Whether it was sent, or has a result. */
  isSent(index: number): boolean {
    return this.#states[index] !== STATE.waiting;
  }

  send(chunk: number, site: string, hosts: readonly number[]): void {
    this.#open.set(chunk, { left: hosts.length, site, isStored: false });
    for (const index of hosts) {
      this.#chunks[index] = chunk;
      if (this.#states[index] === STATE.waiting) {
        this.#states[index] = STATE.sent;
      }
    }
  }

  /** The server has the message of a chunk. */
  store(chunk: number): void {
    const open = this.#open.get(chunk);
    if (open !== undefined) open.isStored = true;
  }

  /** The chunks that the server got, and that have hosts without results. */
  *storedChunks(): Generator<{ chunk: number; site: string }> {
    for (const [chunk, { site, isStored }] of this.#open) {
      if (isStored) yield { chunk, site };
    }
  }

  /** @param owner The worker that began the host (`ownerOf`). */
  begin(index: number, owner: string): void {
    // Of several notes, the first one counts.
    if (!this.isOpen(index) || this.hasBegun(index)) return;
    this.#states[index] = STATE.begun;
    let worker = this.#numbers.get(owner);
    if (worker === undefined) {
      this.#numbers.set(owner, worker = this.#numbers.size);
    }
    this.#workers[index] = worker;
  }

  /** Whether a worker may tell the result of a host: no other one has begun it. */
  mayTell(index: number, owner: string): boolean {
    return !this.hasBegun(index) ||
      this.#workers[index] === this.#numbers.get(owner);
  }

  /** Marks a host as done; false when it was. */
  finish(index: number): boolean {
    if (!this.isOpen(index)) return false;
    this.#states[index] = STATE.done;
    this.#left--;
    const number = this.#chunks[index]!;
    const chunk = this.#open.get(number);
    if (chunk !== undefined && --chunk.left === 0) this.#open.delete(number);
    return true;
  }

  /** The site of a chunk that has hosts without results. */
  siteOf(chunk: number): string | undefined {
    return this.#open.get(chunk)?.site;
  }

  /** How many chunks of a site have hosts without results. */
  openChunks(site: string): number {
    return this.#open.values()
      .reduce((sum, each) => sum + (each.site === site ? 1 : 0), 0);
  }

  /** The open hosts of a chunk, or of a worker, or all. */
  *open(
    { chunk, worker }: { chunk?: number; worker?: string } = {},
  ): Generator<number> {
    const id = worker === undefined
      ? undefined
      : this.#numbers.get(worker) ?? NaN; // no host has it
    for (let index = 0; index < this.#states.length; index++) {
      if (this.#states[index] === STATE.done) continue;
      if (chunk !== undefined && this.#chunks[index] !== chunk) continue;
      if (id !== undefined && this.#workers[index] !== id) continue;
      yield index;
    }
  }

  /** The hosts that were sent and have not begun, with their sites. */
  *waiting(): Generator<{ index: number; site: string }> {
    for (let index = 0; index < this.#states.length; index++) {
      if (this.#states[index] !== STATE.sent) continue;
      const site = this.#open.get(this.#chunks[index]!)?.site;
      if (site !== undefined) yield { index, site };
    }
  }

  /** The sites with hosts that were sent and have not begun. */
  waitingSites(): Map<string, WaitingSite> {
    const sites = new Map<string, WaitingSite>();
    for (const { index, site } of this.waiting()) {
      const found = sites.get(site);
      if (found === undefined) sites.set(site, { hosts: 1, first: index });
      else found.hosts++;
    }
    return sites;
  }
}
