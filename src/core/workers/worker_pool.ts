// The workers of a run: processes of this program that connect to hosts, so that
// handshakes and frames use all cores. A host stays with one worker, and so do the
// hosts behind one bastion and the names of one server, because a worker counts
// handshakes and shares connections. A worker starts when a run has a host for it.
import type { HostNote } from "../../store/host_notes.ts";
import { nearestOf } from "../../transport/ssh/connection/bastions.ts";
import { loginKey } from "../../transport/login_memory.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type {
  HostLink,
  LinkPart,
  LinkSource,
  SourceAnswers,
} from "../fleet/host_link.ts";
import { type HostRoute, routeKey } from "../route/host_endpoint.ts";
import {
  needsEnvironment,
  SessionAnswers,
} from "../session/session_answers.ts";
import { type ClientHello, routeDataOf } from "../session/session_messages.ts";
import { SessionLink } from "../session/session_link.ts";
import { messageOf } from "../../errors.ts";
import { SharedPassphrases } from "./shared_passphrases.ts";
import { SpawnedWorker, type WorkerProgram } from "./spawned_worker.ts";

/** The workers of a run. */
export interface WorkerPoolOptions {
  readonly program: WorkerProgram;
  /** How many workers there are at most. */
  readonly count: number;
  /** Whether there are none where one would have most of the hosts. Default: false. */
  readonly mustShare?: boolean | undefined;
  /** What they say about this process. */
  readonly client: Pick<ClientHello, "agentSocket" | "asks">;
  /** Called with each worker that was lost, and how: a sentence. */
  readonly onLost: (message: string) => void;
}

/** How many workers are started again in one run. */
const MAX_RESTARTS = 10;

/** The part of the hosts with which one worker is not worth its start. */
const MOST = 0.75;

/** A worker, and the links through it. */
interface Place {
  readonly worker: SpawnedWorker;
  readonly links: Map<number, SessionLink>;
}

/** Makes links through workers. */
export class WorkerPool implements LinkSource {
  readonly processes: number;
  readonly #options: WorkerPoolOptions;
  /** Undefined: a worker that has not started, or was lost. */
  readonly #places: (Place | undefined)[];
  /** The places whose worker was started once: they resolve when it serves. */
  readonly #started = new Map<number, Promise<void>>();
  /** The places of bastions, by their keys. */
  readonly #bastions = new Map<string, number>();
  #answers: SourceAnswers | undefined;
  #passphrases: SharedPassphrases | undefined;
  #restarts = 0;
  #lastKey = 0;
  #isClosed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.processes = options.count;
    this.#places = Array.from({ length: options.count }, () => undefined);
  }

  /** The processes that run. */
  get pids(): readonly number[] {
    return this.#running.map(({ worker }) => worker.pid);
  }

  serve(answers: SourceAnswers): void {
    this.#answers = answers;
    const { passphrase } = answers.ssh;
    this.#passphrases = passphrase && new SharedPassphrases(passphrase);
    for (const place of this.#running) this.#listen(place);
  }

  /**
   * Starts the workers of these hosts, and waits until they serve. One that does not
   * start is done without.
   */
  async find(routes: readonly HostRoute[]): Promise<void> {
    if (this.#isClosed) return; // nothing would end a worker that starts now
    const { count } = this.#options;
    if (this.#started.size === count) {
      return void await Promise.all(this.#started.values());
    }
    const hosts = new Map<number, number>();
    for (const route of routes) {
      if (!mayShare(route)) continue;
      const index = this.#indexOf(route);
      hosts.set(index, (hosts.get(index) ?? 0) + 1);
    }
    const isUnequal = Math.max(0, ...hosts.values()) > MOST * routes.length;
    const { mustShare = false } = this.#options;
    if (this.#started.size === 0 && mustShare && isUnequal) return;
    await Promise.all([...hosts.keys()].map((index) => {
      let ready = this.#started.get(index);
      if (ready === undefined) {
        ready = this.#untilReady(this.#start(index));
        this.#started.set(index, ready);
      }
      return ready;
    }));
  }

  /** A link to a host; undefined where this process must connect by itself. */
  link(route: HostRoute, part: LinkPart): HostLink | undefined {
    if (!mayShare(route)) return undefined;
    const { endpoint } = route;
    const place = this.#placeOf(route);
    if (place === undefined) return undefined;
    const { worker: { client }, links } = place;
    const { window, store, linkLoss } = part;
    const link = new SessionLink({
      ...part,
      ...{ client, route },
      key: String(++this.#lastKey), // each link has a host of its own
      data: routeDataOf(route, { linkLoss, environment: "" }),
      mayOpen: true,
      onOver: (id) => links.delete(id),
      own: {
        window,
        notes: notesOf(endpoint, part),
        hintsOf: (become) => ({
          hinted: store?.hints.gateOn(routeKey(route, become)) ?? new Set(),
          onKept: (ids) => store?.hints.note(routeKey(route, become), ids),
        }),
      },
    });
    links.set(link.id, link);
    return link;
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#running.map(async ({ worker, links }) => {
      for (const link of [...links.values()]) void link.close();
      await worker.end();
    }));
  }

  get #running(): readonly Place[] {
    return this.#places.filter((place) => place !== undefined);
  }

  #start(index: number): SpawnedWorker | undefined {
    try {
      const { program, client } = this.#options;
      const worker = new SpawnedWorker(program, client);
      const place: Place = { worker, links: new Map() };
      this.#places[index] = place;
      this.#listen(place);
      void worker.client.closed.then(() => this.#lose(index, worker));
      return worker;
    } catch (error) {
      this.#options.onLost(
        `Cannot start a worker process: ${messageOf(error)}`,
      );
      return undefined;
    }
  }

  #listen({ worker: { client }, links }: Place): void {
    const answers = this.#answers;
    if (answers === undefined) return;
    const passphrase = this.#passphrases?.asker();
    client.listener = new SessionAnswers({
      ...answers,
      ssh: { ...answers.ssh, ...(passphrase && { passphrase }) },
    }, links);
  }

  async #untilReady(worker: SpawnedWorker | undefined): Promise<void> {
    try {
      await worker?.ready();
    } catch {
      // `#lose()` reports it.
    }
  }

  /** Another worker gets the hosts that had not begun: their links are made again. */
  #lose(index: number, worker: SpawnedWorker): void {
    if (this.#isClosed) return;
    this.#places[index] = undefined;
    // One that never served would not serve the next time.
    const { hasGreeted } = worker.client;
    if (hasGreeted && this.#restarts++ < MAX_RESTARTS) {
      void this.#untilReady(this.#start(index)); // one that hangs is lost in time
    }
    void worker.ended.then((how) =>
      this.#options.onLost(
        `Lost a worker process: ${worker.client.why}; ${how}`,
      )
    );
  }

  #placeOf(route: HostRoute): Place | undefined {
    const { length } = this.#places;
    const first = this.#indexOf(route);
    for (let i = 0; i < length; i++) {
      const place = this.#places[(first + i) % length];
      if (place?.worker.client.isOpen) return place;
    }
    return undefined;
  }

  /** Which worker a host belongs to. */
  #indexOf(route: HostRoute): number {
    const { endpoint } = route;
    // One worker tries passwords, one host after the other: several wrong ones at
    // once would lock an account that the hosts have in common.
    if (this.#answers?.mayNeedPassword(route)) return 0;
    const key = nearestOf(endpoint);
    if (endpoint.jumps === undefined) return hashOf(key) % this.#places.length;
    let index = this.#bastions.get(key);
    if (index === undefined) {
      index = this.#bastions.size % this.#places.length;
      this.#bastions.set(key, index);
    }
    return index;
  }
}

/** Other programs may ask at the terminal, which workers do not have. */
function mayShare({ endpoint }: HostRoute): boolean {
  return endpoint.transport === "ssh" && !needsEnvironment(endpoint);
}

/** What the store knows about a host and the bastions before it. */
function notesOf(
  endpoint: Endpoint,
  { store }: LinkPart,
): Record<string, HostNote> {
  const notes: Record<string, HostNote> = Object.create(null);
  if (store === undefined) return notes;
  const { jumps = [] } = endpoint;
  const stops = jumps.map((jump, i) => ({ ...jump, jumps: jumps.slice(0, i) }));
  for (const stop of [...stops, endpoint]) {
    const key = loginKey(stop);
    const note = store.hostNotes.of(key);
    if (note.login !== undefined || note.openssh !== undefined) {
      notes[key] = note;
    }
  }
  return notes;
}

/** A number from 0 that spreads texts evenly (FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
