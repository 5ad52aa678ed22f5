// The workers of one run, as its sender sees them: lets them take part, tells them
// that it is there, and tells its user by name which workers are silent and which
// sites have none.
import { MessageMembers } from "./message_members.ts";
import type { NatsSender } from "./nats_sender.ts";
import { ANY_SITE, SUBJECTS } from "./nats_subjects.ts";
import { runRecipient, workerRecipient } from "./open_chunk.ts";
import { readJoinRequest } from "./received_note.ts";
import type { RunProgress } from "./run_progress.ts";
import {
  type ControlMessage,
  encodeNats,
  type JoinAnswer,
} from "./sent_call.ts";
import type { RunSigner } from "./signed_message.ts";
import { messageOf } from "../../errors.ts";
import { BEAT_MS, SENDER_SILENCE_MS } from "./sender_watch.ts";
import { listWorkers } from "./list_workers.ts";

/** How often the state of workers and sites is looked at. */
const LOOK_MS = 5_000;
/** How long a worker may be silent, and a site wait, until the user is told. */
const TELL_MS = 30_000;
const TELL_WAITING_MS = 10_000;

/** The parts of a run that its workers concern. */
export interface RunWorkersOptions {
  readonly sender: NatsSender;
  readonly run: string;
  readonly signer: () => Promise<RunSigner>;
  readonly progress: RunProgress;
  readonly nameOf: (index: number) => string;
  /** Called with the id of a worker that is gone. */
  readonly onLost: (id: string) => void;
}

interface KnownWorker {
  readonly name: string;
  heardAt: number;
  isTold: boolean;
  isLost: boolean;
}

/** Watches the workers of one run. */
export class RunWorkers {
  readonly #options: RunWorkersOptions;
  readonly #workers = new Map<string, KnownWorker>();
  readonly #keys = new Set<string>();
  readonly #waitingSince = new Map<string, number>();
  readonly #told = new Set<string>();
  readonly #close: () => void;

  constructor(options: RunWorkersOptions) {
    this.#options = options;
    const { sender, run } = options;
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
        const worker = this.#workers.get(idIn(message.data));
        if (worker !== undefined) worker.heardAt = performance.now();
      },
    });
    const beat = () => void this.tell("beat").catch(() => {}); // the key can sign no more
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

  /** Tells all workers of the run that the sender is there, or to end it. */
  async tell(type: ControlMessage["type"]): Promise<void> {
    const { sender, run, signer } = this.#options;
    const message: ControlMessage = { type };
    sender.options.link.tell(
      SUBJECTS.control(run),
      await (await signer()).sign(encodeNats(message), runRecipient(run)),
    );
  }

  /** Stops watching. */
  close(): void {
    this.#close();
  }

  async #join(data: Uint8Array): Promise<Uint8Array> {
    const { nonce, worker, id, key } = readJoinRequest(data);
    const { sender, signer } = this.#options;
    let answer: JoinAnswer = { nonce };
    try {
      sender.options.known?.check({ name: worker, key });
      this.#keys.add(key);
      this.#workers.set(id, {
        name: worker,
        heardAt: performance.now(),
        isTold: false,
        isLost: false,
      });
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
    for (const [id, worker] of this.#workers) {
      const silentMs = now - worker.heardAt;
      if (silentMs < TELL_MS) worker.isTold = false;
      else if (!worker.isTold) this.#tellSilent(id, worker);
      // By then it has ended its calls itself, if it lives.
      if (silentMs > SENDER_SILENCE_MS + TELL_MS && !worker.isLost) {
        worker.isLost = true;
        this.#options.onLost(id);
      }
    }
    await this.#lookAtSites(now);
  }

  #tellSilent(id: string, worker: KnownWorker): void {
    const { progress, nameOf, sender } = this.#options;
    const hosts = [...progress.open({ worker: id })];
    if (hosts.length === 0) return;
    worker.isTold = true;
    const names = hosts.slice(0, 3).map(nameOf).join(", ");
    const more = hosts.length > 3 ? ` and ${hosts.length - 3} more` : "";
    sender.options.onNote(
      `the worker ${worker.name} is silent; it has ${names}${more}`,
    );
  }

  async #lookAtSites(now: number): Promise<void> {
    const { progress, nameOf, sender } = this.#options;
    const waiting = progress.waitingSites();
    for (const site of this.#waitingSince.keys()) {
      if (!waiting.has(site)) this.#waitingSince.delete(site);
    }
    const late = [...waiting].filter(([site]) => {
      const since = this.#waitingSince.get(site) ?? now;
      this.#waitingSince.set(site, since);
      return now - since >= TELL_WAITING_MS && !this.#told.has(site);
    });
    if (late.length === 0) return;
    const workers = await listWorkers(sender.options.link).catch(() => []);
    for (const [site, { hosts, first }] of late) {
      const isThere = workers.some((each) =>
        site === ANY_SITE || each.site === site
      );
      if (isThere) continue;
      this.#told.add(site);
      const where = site === ANY_SITE
        ? "no worker"
        : `no worker of site ${site}`;
      const which = hosts === 1
        ? `${nameOf(first)} waits`
        : `${hosts} hosts wait, such as ${nameOf(first)}`;
      sender.options.onNote(`${where} is there: ${which}`);
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
