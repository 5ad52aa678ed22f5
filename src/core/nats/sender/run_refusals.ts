// What workers of a run have refused, as its sender sees it. A worker may be of another
// build, or know other senders, while another one of the site takes the call: a refusal
// counts when all workers of the site that are there have refused, or when the queue
// gives the call to nobody any more. Anybody may send a call that an honest worker
// refuses: only what a believed worker says of the sender's own call is final.
import { NEVER } from "../../../async/abort.ts";
import { pause } from "../../../async/deadline.ts";
import { ConnectError } from "../../../errors.ts";
import { listWorkers } from "./list_workers.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { ANY_SITE, CALLS, SUBJECTS } from "../server/nats_subjects.ts";
import type { RunProgress } from "./run_progress.ts";
import { ownerOf } from "../messages/open_entry.ts";
import type { RefusalNote, WorkerStatus } from "../messages/sent_call.ts";
import type { KnownWorkers } from "../trust/known_workers.ts";

/** How many workers' reasons are kept for a chunk. */
const MAX_REASONS = 20;
/** After this time the workers are listed again, in ms. */
const CONFIRM_MS = 1_000;

/** The run that is refused. */
export interface RunRefusalsOptions {
  readonly link: NatsLink;
  readonly run: string;
  /** The workers whose keys are pinned. Default: all workers are believed. */
  readonly known: KnownWorkers | undefined;
  readonly progress: RunProgress;
  /** Makes the reason the result of hosts that no worker has begun. */
  readonly takeBack: (
    indexes: readonly number[],
    cause: ConnectError,
  ) => Promise<void>;
}

/** Decides when a refusal is the result of hosts. */
export class RunRefusals {
  readonly #options: RunRefusalsOptions;
  /** The names and reasons of the workers (`ownerOf`), of each chunk. */
  readonly #chunks = new Map<number, Map<string, string>>();
  #listing: ReturnType<typeof listWorkers> | undefined;

  constructor(options: RunRefusalsOptions) {
    this.#options = options;
  }

  /** What workers said against a chunk; undefined when they did not. */
  reasonsOf(chunk: number): string | undefined {
    const reasons = this.#chunks.get(chunk);
    return reasons && [...new Set(reasons.values())].join("; ");
  }

  /**
   * Takes the note of a worker.
   *
   * @param from The worker's key; undefined when nothing is sealed.
   * @throws {FtlError} when another key is pinned for its name.
   */
  async take(chunk: number, note: RefusalNote, from: string | undefined) {
    const { progress, known } = this.#options;
    const { id, worker } = note;
    const site = progress.siteOf(chunk);
    if (site === undefined) return;
    if (from !== undefined) known?.check({ name: worker, key: from });
    let reasons = this.#chunks.get(chunk);
    if (reasons === undefined) this.#chunks.set(chunk, reasons = new Map());
    if (reasons.size < MAX_REASONS) {
      reasons.set(
        ownerOf(id, from),
        `The worker ${worker} refused: ${note.why}`,
      );
    }
    const isBelieved = from === undefined || (known?.believes(from) ?? true);
    if (!note.isFinal || note.chunk !== chunk || !isBelieved) {
      const haveAllRefused = () =>
        this.#haveAllRefused(
          site,
          ({ id, key }) => reasons.has(ownerOf(id, from && key)),
        );
      if (!await haveAllRefused()) return;
      // A worker on a busy machine may have been too slow to answer.
      await pause(CONFIRM_MS, NEVER);
      if (!await haveAllRefused()) return;
      if (!this.#chunks.has(chunk)) return;
    }
    const why = this.reasonsOf(chunk)!;
    this.#chunks.delete(chunk);
    const { link, run } = this.#options;
    const filter = SUBJECTS.calls(site, run, chunk);
    await link.admin.streams.purge(CALLS, { filter }).catch(() => {}); // may go on
    const cause = new ConnectError(why, { phase: "start" });
    const open = [...progress.open({ chunk })];
    await this.#options.takeBack(
      open.filter((index) => !progress.hasBegun(index)),
      cause,
    );
  }

  async #haveAllRefused(
    site: string,
    hasRefused: (worker: WorkerStatus) => boolean,
  ): Promise<boolean> {
    const listing = this.#listing ??= listWorkers(this.#options.link);
    const workers = await listing.catch(() => []);
    this.#listing = undefined;
    const able = workers.filter((each) =>
      site === ANY_SITE || each.site === site
    );
    return able.length > 0 && able.every(hasRefused);
  }
}
