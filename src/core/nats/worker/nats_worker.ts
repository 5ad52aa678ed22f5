// A worker near its hosts: takes chunks of hosts from the queue of its site, and from
// that of hosts without one, as far as it has room, and reports in the stream of
// events. It can be killed at any time: what it had begun is never begun again.
import { pause, within } from "../../../async/deadline.ts";
import { onAbort, untilAbort } from "../../../async/abort.ts";
import { Semaphore } from "../../../async/semaphore.ts";
import { FtlError, messageOf } from "../../../errors.ts";
import { CALL_DEFAULTS } from "../../call/call_defaults.ts";
import type { JsMsg } from "@nats-io/jetstream";
import { MOST_CALL_BYTES, NatsBodies } from "../server/nats_bodies.ts";
import { NatsFiles } from "../server/nats_files.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { openQueues } from "../server/open_queues.ts";
import {
  ANY_SITE,
  CALLS,
  makeQueue,
  readCallSubject,
  type SiteQueue,
  SUBJECTS,
} from "../server/nats_subjects.ts";
import { publishStored } from "../server/publish_stored.ts";
import { QueueRepair } from "../server/queue_repair.ts";
import { BegunHosts } from "../reports/begun_hosts.ts";
import { UnreportedHosts } from "../reports/unreported_hosts.ts";
import {
  ChunkOpener,
  ForeignRun,
  InvalidCall,
  MadeBefore,
  refusalNote,
  type VerifiedChunk,
} from "../messages/open_chunk.ts";
import { ReceivedSources } from "../files/received_source.ts";
import { reportPacking } from "../trust/run_packing.ts";
import { ContentStore } from "../files/sent_content.ts";
import {
  receiverClaimedBy,
  type SenderTrust,
} from "../trust/signed_message.ts";
import type { ExchangeKey } from "../trust/exchange_key.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type {
  RefusalNote,
  SentChunk,
  WorkerStatus,
} from "../messages/sent_call.ts";
import { SenderWatch } from "../messages/sender_watch.ts";
import {
  openWorkerFleet,
  refuseOwnMachine,
  type WorkerMeans,
} from "./worker_fleet.ts";
import { type ActiveChunk, ActiveChunks } from "./active_chunks.ts";
import { answerQuestions } from "./answer_questions.ts";
import { nextCall } from "./next_call.ts";
import { MAX_DELIVERIES, refusalPause } from "./refusal_pause.ts";
import { type TakenChunk, WorkerRun } from "./worker_run.ts";
import { type RunPart, WorkerRuns } from "./worker_runs.ts";

/** The pause after a failure of the server. */
const RETRY_MS = 1_000;
/** How often a worker without room looks again, besides when it gets some. */
const LOOK_MS = 1_000;
/** How long results may take to be stored when the worker ends. */
const LAST_WORDS_MS = 10_000;
/** How long files and large results may take then: what is left is told in short. */
const LAST_OBJECTS_MS = 4_000;

/** A worker and its surroundings. */
export interface NatsWorkerOptions {
  readonly link: NatsLink;
  /** Its name, for people. */
  readonly name: string;
  readonly site: string | undefined;
  readonly ftl: string;
  readonly build: string;
  /** The key that secrets are sealed for. */
  readonly key: ExchangeKey & { readonly text: string };
  readonly means: WorkerMeans;
  /** Default: everybody whom the NATS server lets in may make calls. */
  readonly trust: SenderTrust | undefined;
  /** Ends the worker: its calls are cancelled, what has not begun is left to others. */
  readonly stop: AbortSignal;
  /** Called with what the user of the worker should know. */
  readonly onNote: (text: string) => void;
}

/** How many calls are read at once before their signatures are checked. */
const MOST_READ = 4;
/** Works until it is stopped. */
export class NatsWorker {
  readonly #options: NatsWorkerOptions;
  readonly #id = crypto.randomUUID();
  readonly #files: NatsFiles;
  readonly #bodies: NatsBodies;
  readonly #reading = new Semaphore({ perKey: MOST_READ, total: MOST_READ });
  readonly #opener: ChunkOpener;
  readonly #sites: readonly string[];
  readonly #runs: WorkerRuns;
  readonly #active = new ActiveChunks();
  readonly #lateObjects = new AbortController();
  readonly #late = new AbortController();
  readonly #startedAt = performance.now();
  readonly #fanout: number;
  #room = Promise.withResolvers<void>();
  /** How many hosts could not be reported. */
  #unreported = 0;
  readonly #said = new Set<string>();

  constructor(options: NatsWorkerOptions) {
    const { link, means, key, trust, site } = options;
    this.#options = options;
    this.#sites = site === undefined ? [ANY_SITE] : [site, ANY_SITE];
    this.#opener = new ChunkOpener({
      ...{ key, trust },
      sites: this.#sites,
      id: this.#id,
    });
    this.#runs = new WorkerRuns({
      makePart: (verified) => this.#makePart(verified),
      stop: options.stop,
    });
    this.#files = new NatsFiles(link);
    this.#bodies = new NatsBodies(link, this.#files);
    this.#fanout = means.fanout ?? CALL_DEFAULTS.fanout;
  }

  /**
   * Takes chunks until the worker is stopped.
   *
   * @param options `onReady`: called when it takes chunks.
   * @returns how many hosts had begun and could not be reported at the end.
   * @throws {FtlError} when the streams cannot be made.
   */
  async work({ onReady }: { onReady: () => void }): Promise<number> {
    const { link, stop } = this.#options;
    const queues = await openQueues(link, this.#sites, {
      signal: stop,
      onWait: (why) => this.#say(why),
    });
    const unlisten = answerQuestions(link.connection, {
      id: this.#id,
      status: () => this.#status(),
      runs: ({ run, index }) => this.#runs.calls(run, index),
    });
    const forget = onAbort(stop, () => {
      const why = new FtlError(
        "the worker was stopped, and NATS did not answer",
      );
      setTimeout(() => this.#lateObjects.abort(why), LAST_OBJECTS_MS);
      setTimeout(() => this.#late.abort(why), LAST_WORDS_MS);
      this.#makeRoom(); // a promise that stays resolved would be waited for in a loop
    });
    onReady();
    try {
      await Promise.all(queues.map((queue) => this.#pull(queue)));
      this.#unreported = 0;
      await this.#settled();
      await this.#runs.close();
      return this.#unreported;
    } finally {
      forget();
      unlisten();
    }
  }

  async #pull({ name, site, ackWaitMs }: SiteQueue): Promise<void> {
    const { link, stop } = this.#options;
    const repair = new QueueRepair(link, { name, site });
    while (!stop.aborted) {
      if (!this.#hasRoom) {
        const roomMade = this.#room.promise;
        await within(roomMade, { ms: LOOK_MS, instead: undefined });
        continue;
      }
      try {
        const consumer = await link.stream.consumers.get(CALLS, name);
        while (!stop.aborted && this.#hasRoom) {
          const message = await nextCall(consumer, stop);
          if (message !== null) {
            void this.#handle(message, ackWaitMs)
              .catch((error) => this.#say(messageOf(error)));
          }
          if (stop.aborted) return;
          const isIdle = message === null;
          if (!await untilAbort(repair.look({ isIdle }), stop)) continue;
          this.#say(`the queue ${name} kept calls back, and was made again`);
          break;
        }
      } catch (error) {
        if (stop.aborted || link.connection.isClosed()) return;
        this.#say(`the queue ${name}: ${messageOf(error)}`);
        await pause(RETRY_MS, stop).catch(() => {});
        await makeQueue(link, site).catch(() => {}); // it may be gone; or is tried again
      }
    }
  }

  get #hasRoom(): boolean {
    const { hosts, opening } = this.#runs;
    return hosts < this.#fanout && this.#active.mayOpenMore(opening);
  }

  async #handle(message: JsMsg, ackWaitMs: number): Promise<void> {
    const { run, chunk } = readCallSubject(message.subject);
    const key = `${run} ${chunk}`;
    const known = this.#active.get(key);
    if (known !== undefined) {
      if (known.message.seq === message.seq) {
        // The server was away for too long, and gives it to this worker again.
        known.message = message;
        return;
      }
      message.term();
      return this.#say("a call came a second time, and was dropped");
    }
    const active = this.#active.add(key, message);
    const { connection } = this.#options.link;
    const alive = setInterval(() => {
      if (!connection.isClosed()) active.message.working();
    }, ackWaitMs / 4);
    try {
      this.#runs.enter(run);
      const isRefused = await this.#take(active, { run, chunk });
      if (isRefused === undefined) active.message.ack();
      else active.message.nak(isRefused ? refusalPause(message) : undefined);
    } catch (error) {
      // Its results could not be stored: another worker tells what became of it.
      const hosts = error instanceof UnreportedHosts ? error.hosts : [];
      this.#unreported += hosts.length;
      const isStopped = this.#options.stop.aborted && hosts.length === 0;
      if (!isStopped) this.#say(messageOf(error));
    } finally {
      clearInterval(alive);
      this.#active.delete(key);
      this.#runs.leave(run);
      this.#makeRoom();
    }
  }

  /**
   * Makes the calls of a chunk. Resolves to undefined when nobody else may take it;
   * else to whether this worker refused it.
   */
  async #take(
    active: ActiveChunk,
    { run, chunk }: { run: string; chunk: number },
  ): Promise<boolean | undefined> {
    const { message } = active;
    const { stop, name } = this.#options;
    const opener = this.#opener;
    let known: VerifiedChunk | undefined;
    let bytes: Uint8Array | undefined;
    let opened: TakenChunk & { part: RunPart; done: () => Promise<void> };
    try {
      bytes = await untilAbort(this.#unpack(message), stop);
      const verified = known = await opener.verify(bytes);
      this.#check(verified.chunk, { run, chunk });
      const part = await this.#runs.partFor(verified);
      await untilAbort(part.watch.join(), stop); // a sender may be gone
      const body = await opener.open(verified);
      await refuseOwnMachine(body);
      const { chunk: { log, limit }, done } = verified;
      opened = { part, log, limit, body, done };
    } catch (error) {
      // Nothing has begun.
      if (stop.aborted) return false;
      // The server did not hear that it was done.
      if (error instanceof MadeBefore && message.redelivered) return undefined;
      this.#say(`refused a call: ${messageOf(error)}`);
      if (error instanceof ForeignRun) return undefined; // it is not of that run
      // A worker of another build, or one that knows the sender, may take it.
      const isFinal = bytes === undefined || error instanceof InvalidCall ||
        message.info.deliveryCount >= MAX_DELIVERIES;
      // A grant may come with the call of another run.
      const sent = known?.chunk.run === run ? known.chunk : undefined;
      const about = { worker: name, id: this.#id, sent, isFinal };
      const receiver = bytes && receiverClaimedBy(bytes);
      await this.#refuse(message, refusalNote(error, about), receiver);
      return isFinal ? undefined : true;
    }
    active.isRead = true;
    await opened.part.work.take(opened);
    if (stop.aborted) return false;
    await opened.done();
    return undefined;
  }

  /** The body of a call, which may be large and from anybody. */
  async #unpack({ data }: JsMsg): Promise<Uint8Array> {
    const leave = await this.#reading.acquire("", this.#options.stop);
    try {
      return await this.#bodies.unpack(data, { most: MOST_CALL_BYTES });
    } finally {
      leave();
    }
  }

  #check(sent: SentChunk, { run, chunk }: { run: string; chunk: number }) {
    const { ftl, build } = this.#options;
    if (sent.run !== run || sent.chunk !== chunk) {
      throw new InvalidCall("its message has the address of another call");
    }
    if (sent.ftl === ftl && sent.build === build) return;
    throw new FtlError(
      `Cannot take the call: it is from another build of ftl (${sent.ftl}, here ${ftl})`,
      { hint: "Install the same build on this machine and the workers" },
    );
  }

  async #makePart(
    { chunk: { run, detached }, receiver, signer }: VerifiedChunk,
  ): Promise<RunPart> {
    const { link, name, site, stop, means, key, trust } = this.#options;
    const about = { run, receiver, workerKey: key };
    const packing = await reportPacking(this.#bodies, about);
    const noted = trust && signer !== undefined
      ? await BegunHosts.open(trust.folder, { run, sender: signer })
      : undefined;
    const watch = new SenderWatch(link, {
      ...{ run, detached, signer },
      opener: this.#opener,
      request: { worker: name, id: this.#id, site, key: key.text },
    });
    const { signal: lateObjects } = this.#lateObjects;
    const work = new WorkerRun({
      ...{ link, run, watch, stop, packing, noted, lateObjects },
      writer: { worker: name, id: this.#id },
      late: this.#late.signal,
      sources: new ReceivedSources(this.#files),
      makeStore: () => new ContentStore(this.#files, { signal: lateObjects }),
      openFleet: (body) => openWorkerFleet(body, { means, files: this.#files }),
      onWait: (why) => this.#say(`NATS: ${why}`),
      onProgress: () => this.#makeRoom(),
    });
    return { work, watch };
  }

  /** Sealed where the sender has a key, also one that the worker does not allow. */
  async #refuse(
    message: JsMsg,
    note: RefusalNote,
    receiver: Uint8Array | undefined,
  ): Promise<void> {
    const { run, chunk } = readCallSubject(message.subject);
    const { link, key: workerKey } = this.#options;
    const about = { run, receiver, workerKey };
    const packing = await reportPacking(this.#bodies, about)
      .catch(() => undefined); // nobody has a key that is not one
    if (packing === undefined) return;
    await publishStored(link, {
      subject: SUBJECTS.event(run, "refused", chunk),
      payload: await packing.pack(encodeNats(note)),
      signal: this.#late.signal,
    });
  }

  #status(): WorkerStatus {
    const { name, site, ftl, build, key } = this.#options;
    return {
      worker: name,
      id: this.#id,
      site: site ?? null,
      ...{ ftl, build },
      key: key.text,
      hosts: this.#runs.hosts,
      upMs: Math.round(performance.now() - this.#startedAt),
    };
  }

  async #settled(): Promise<void> {
    while (this.#active.size > 0) {
      await this.#room.promise;
    }
  }

  #makeRoom(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers<void>();
  }

  /** Says the same thing once. */
  #say(text: string): void {
    if (this.#said.has(text) || this.#said.size > 1000) return;
    this.#said.add(text);
    this.#options.onNote(text);
  }
}
