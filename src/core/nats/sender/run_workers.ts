// The workers of one run, as its sender sees them: lets them take part, tells them
// that it is there, tells its user by name which workers are silent, and gives up the
// hosts of workers that are gone and of sites without one.
import { type ConnectError, FtlError, messageOf } from "../../../errors.ts";
import type { HostResult } from "../../call/call.ts";
import { CALL_DEFAULTS } from "../../call/call_defaults.ts";
import { judgeError, untimed } from "../../result/host_result.ts";
import { MessageMembers } from "../messages/message_members.ts";
import { someNames } from "../messages/some_names.ts";
import { ownerOf } from "../messages/open_entry.ts";
import { MAX_RUN_WORKERS } from "./list_workers.ts";
import { MissingWorkers } from "./missing_workers.ts";
import type { NatsSender } from "./nats_sender.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { runRecipient, workerRecipient } from "../messages/open_chunk.ts";
import { readJoinRequest } from "../messages/received_note.ts";
import type { RunProgress } from "./run_progress.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { ControlMessage, JoinAnswer } from "../messages/sent_call.ts";
import type { RunSigner } from "../trust/signed_message.ts";
import { BEAT_MS, SENDER_SILENCE_MS } from "../messages/sender_watch.ts";
import type { TakenBack } from "../reports/taken_back.ts";

/** How often the state of workers and sites is looked at. */
const LOOK_MS = 5_000;
/** How long a worker may be silent until the user is told. */
const TELL_MS = 30_000;

/** Why a worker may not join any more. */
const CANCELLED = "Cannot take the call: its run was cancelled";

/** The parts of a run that its workers concern. */
export interface RunWorkersOptions {
  readonly sender: NatsSender;
  readonly run: string;
  readonly signer: () => Promise<RunSigner>;
  readonly progress: RunProgress;
  readonly nameOf: (index: number) => string;
  readonly takenBack: TakenBack;
  /** Takes the result of a host that no worker has begun. */
  readonly finish: (index: number, result: HostResult) => void;
  /** Aborts when the run is over. */
  readonly over: AbortSignal;
}

interface KnownWorker {
  readonly name: string;
  /** As the logs name it. */
  readonly owner: string;
  heardAt: number;
  isTold: boolean;
  isLost: boolean;
}

/** Watches the workers of one run. */
export class RunWorkers {
  readonly #options: RunWorkersOptions;
  /** By their keys and ids: anybody may ask to join. */
  readonly #workers = new Map<string, KnownWorker>();
  readonly #byId = new Map<string, KnownWorker[]>();
  readonly #keys = new Set<string>();
  #isCancelled = false;
  readonly #missing: MissingWorkers;
  #isLooking = false;
  readonly #close: () => void;

  constructor(options: RunWorkersOptions) {
    this.#options = options;
    const { sender, run, nameOf, progress } = options;
    this.#missing = new MissingWorkers({
      ...{ sender, nameOf },
      waiting: () => progress.waitingSites(),
      giveUp: (site, cause) => this.#giveUp(site, cause),
      timeoutMs: sender.options.workerTimeoutMs ??
        CALL_DEFAULTS.workerTimeoutMs,
    });
    const { connection } = sender.options.link;
    const joins = connection.subscribe(SUBJECTS.sender(run), {
      callback: (error, message) => {
        if (error !== null) return;
        void this.#join(message.data).then((answer) => message.respond(answer))
          .catch(() => {}); // it asks again
      },
    });
    const beats = connection.subscribe(SUBJECTS.beats(run), {
      callback: (error, message) => {
        if (error !== null) return;
        const workers = this.#byId.get(idIn(message.data)) ?? [];
        for (const worker of workers) worker.heardAt = performance.now();
      },
    });
    let number = 0;
    const beat = () =>
      void this.#tell({ type: "beat", number: number++ })
        .catch(() => {}); // the key can sign no more
    const beating = setInterval(beat, BEAT_MS);
    const looking = setInterval(() => void this.#look(), LOOK_MS);
    this.#close = () => {
      clearInterval(beating);
      clearInterval(looking);
      joins.unsubscribe();
      beats.unsubscribe();
    };
  }

  /** Whether a worker with this key takes part. */
  hasKey(key: string): boolean {
    return this.#keys.has(key);
  }

  async #tell(message: ControlMessage): Promise<void> {
    const { sender, run, signer } = this.#options;
    sender.options.link.tell(
      SUBJECTS.control(run),
      await (await signer()).sign(encodeNats(message), runRecipient(run)),
    );
  }

  /** Tells all workers to end their calls; others may not join any more. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    await this.#tell({ type: "cancel" });
  }

  /** Tells the user at once which sites have no worker. */
  async tellMissing(): Promise<void> {
    await this.#missing.tell().catch(() => {}); // the server went away
  }

  /** Stops watching. */
  close(): void {
    this.#close();
  }

  async #join(data: Uint8Array): Promise<Uint8Array> {
    const { nonce, worker, id, key } = readJoinRequest(data);
    const who = ownerOf(id, key);
    const known = this.#workers.get(who);
    if (known === undefined && this.#workers.size >= MAX_RUN_WORKERS) {
      throw new FtlError("Too many workers take part in the run");
    }
    const { sender, signer } = this.#options;
    const isSealed = (await signer()).receiver !== undefined;
    let answer: JoinAnswer = { nonce };
    try {
      sender.options.known?.check({ name: worker, key });
      if (this.#isCancelled) answer = { nonce, refused: CANCELLED };
      else {
        const joined: KnownWorker = known ?? {
          name: worker,
          owner: ownerOf(id, isSealed ? key : undefined),
          ...{ heardAt: 0, isTold: false, isLost: false },
        };
        joined.heardAt = performance.now();
        joined.isLost = false;
        this.#keys.add(key);
        this.#workers.set(who, joined);
        const others = this.#byId.get(id) ?? [];
        this.#byId.set(id, [...new Set([...others, joined])]);
      }
    } catch (error) {
      sender.options.onNote(messageOf(error));
      answer = { nonce, refused: messageOf(error) };
    }
    return await (await signer()).sign(
      encodeNats(answer),
      workerRecipient(id),
    );
  }

  async #look(): Promise<void> {
    const now = performance.now();
    for (const worker of this.#workers.values()) {
      const silentMs = now - worker.heardAt;
      if (silentMs < TELL_MS) worker.isTold = false;
      else if (!worker.isTold) this.#tellSilent(worker);
      // By then it has ended its calls itself, if it lives.
      if (silentMs > SENDER_SILENCE_MS + TELL_MS && !worker.isLost) {
        worker.isLost = true;
        void this.#lose(worker.owner);
      }
    }
    if (this.#isLooking) return;
    this.#isLooking = true;
    await this.#missing.look(now).finally(() => this.#isLooking = false);
  }

  #tellSilent(worker: KnownWorker): void {
    const { progress, nameOf, sender } = this.#options;
    const hosts = [...progress.open({ worker: worker.owner })];
    if (hosts.length === 0) return;
    worker.isTold = true;
    const names = someNames(hosts.map(nameOf));
    sender.options.onNote(
      `the worker ${worker.name} is silent; it has ${names}`,
    );
  }

  /** What a worker that is gone had begun may have taken effect. */
  async #lose(owner: string): Promise<void> {
    const { progress, takenBack, over } = this.#options;
    await takenBack.lose([...progress.open({ worker: owner })], over);
  }

  async #giveUp(site: string, cause: ConnectError): Promise<void> {
    const { progress, nameOf, takenBack, over, finish } = this.#options;
    const waiting = [...progress.waiting()]
      .flatMap((each) => each.site === site ? [each.index] : []);
    const resultOf = (index: number) =>
      judgeError(cause, untimed(nameOf(index)));
    for (const index of await takenBack.take(waiting, resultOf, over)) {
      finish(index, resultOf(index));
    }
  }
}

/** The id of a worker in a beat; empty when it has none. A callback must not throw. */
function idIn(beat: Uint8Array): string {
  try {
    return MessageMembers.parse(beat).text("id");
  } catch {
    return "";
  }
}
