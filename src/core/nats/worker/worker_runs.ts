// The runs that a worker takes part in. Its part in a run is made at the first chunk,
// and ends some seconds after the last one.
import { ForeignRun, type VerifiedChunk } from "../messages/open_chunk.ts";
import type { SenderWatch } from "../messages/sender_watch.ts";
import type { WorkerRun } from "./worker_run.ts";

/** How long a run is kept after its last chunk, for the next one. */
const KEEP_RUN_MS = 5_000;

/** The part of a worker in a run. */
export interface RunPart {
  readonly work: WorkerRun;
  readonly watch: SenderWatch;
}

interface TakenRun {
  /** The key that signed its first chunk. */
  readonly signer: string | undefined;
  readonly part: Promise<RunPart>;
  /** Undefined until the part is made. */
  work: WorkerRun | undefined;
}

/** What the runs need of the worker. */
export interface WorkerRunsOptions {
  readonly makePart: (verified: VerifiedChunk) => Promise<RunPart>;
  /** Ends the worker: runs are kept no longer. */
  readonly stop: AbortSignal;
}

/** The runs of a worker, by their ids. */
export class WorkerRuns {
  readonly #options: WorkerRunsOptions;
  readonly #runs = new Map<string, TakenRun>();
  /** How many chunks of each run are under way. */
  readonly #chunks = new Map<string, number>();

  constructor(options: WorkerRunsOptions) {
    this.#options = options;
  }

  /** How many hosts are under way. */
  get hosts(): number {
    return this.#works.reduce((sum, { size }) => sum + size, 0);
  }

  /** How many hosts are about to begin. */
  get opening(): number {
    return this.#works.reduce((sum, { opening }) => sum + opening, 0);
  }

  /** Whether a host of a run, by its index, is under way. */
  calls(run: string, index: number): boolean {
    return this.#runs.get(run)?.work?.runs(index) ?? false;
  }

  /** A chunk of the run begins, which may still be refused. */
  enter(run: string): void {
    this.#chunks.set(run, (this.#chunks.get(run) ?? 0) + 1);
  }

  /** A chunk of the run has ended. */
  leave(run: string): void {
    const chunks = (this.#chunks.get(run) ?? 1) - 1;
    this.#chunks.set(run, chunks);
    if (chunks > 0) return;
    setTimeout(() => {
      if ((this.#chunks.get(run) ?? 0) > 0) return;
      this.#chunks.delete(run);
      const taken = this.#runs.get(run);
      this.#runs.delete(run);
      void taken?.work?.close();
    }, this.#options.stop.aborted ? 0 : KEEP_RUN_MS);
  }

  /**
   * The part in a chunk's run.
   *
   * @throws {ForeignRun} when another sender has signed the run: its hosts are opened
   *   with the passwords of the first.
   */
  async partFor(verified: VerifiedChunk): Promise<RunPart> {
    const { chunk: { run }, signer } = verified;
    let taken = this.#runs.get(run);
    if (taken === undefined) {
      const part = this.#options.makePart(verified);
      taken = { signer, part, work: undefined };
      this.#runs.set(run, taken);
      part.catch(() => this.#runs.delete(run));
    }
    if (taken.signer !== signer) throw new ForeignRun();
    const part = await taken.part;
    taken.work = part.work;
    return part;
  }

  /** Ends all parts. */
  async close(): Promise<void> {
    await Promise.all(this.#works.map((each) => each.close()));
  }

  get #works(): WorkerRun[] {
    return [...this.#runs.values()].flatMap(({ work }) => work ?? []);
  }
}
