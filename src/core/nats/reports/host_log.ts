// One log of a run, to which workers and the sender add entries. An entry is stored only
// where its writer has read all before it, which the server checks: so no host begins
// twice, although two workers may have its chunk. What others have written in between is
// read first. Any client that may publish can write into a log, and may see each entry
// that is sent: so an entry has no id by which the server confirms another one instead.
import {
  encodeEntry,
  type LogDraft,
  type LogWriter,
  readNote,
} from "../messages/log_entry.ts";
import { isTaken, type NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { nextMessage, type PlacedMessage } from "../server/next_message.ts";
import {
  persist,
  type PersistOptions,
  store,
} from "../server/publish_stored.ts";
import type { MessagePacking } from "../trust/sealed_bodies.ts";

/** The log, and who writes. */
export interface HostLogOptions {
  readonly link: NatsLink;
  readonly packing: Pick<MessagePacking, "pack">;
  readonly run: string;
  readonly log: number;
  readonly writer: LogWriter;
}

/** Adds entries to one log. */
export class HostLog {
  readonly #options: HostLogOptions;
  readonly #subject: string;
  /** The place in the stream of the last entry that was read or written. */
  #last = 0;
  /** The entries of this object, by their places in the stream. */
  readonly #own = new Map<number, string>();
  readonly #begun = new Map<number, string>();
  readonly #done = new Set<number>();
  /** Resolves when those that came before are done. */
  #turn = Promise.resolve();

  constructor(options: HostLogOptions) {
    this.#options = options;
    this.#subject = SUBJECTS.event(options.run, "log", options.log);
  }

  /** The process that has begun a host, where others have written that. */
  beginner(index: number): string | undefined {
    return this.#begun.get(index);
  }

  /** Whether others have begun a host, or written its result. */
  isTold(index: number): boolean {
    return this.#begun.has(index) || this.#done.has(index);
  }

  /** Whether others have written the result of a host. */
  isDone(index: number): boolean {
    return this.#done.has(index);
  }

  /**
   * Adds an entry.
   *
   * @param draft Says what is new; called again when others have written in between.
   * Undefined: nothing any more.
   * @returns what was written.
   * @throws the signal's reason, when it aborts first.
   * @throws {FtlError} when the connection was closed.
   */
  add<T extends LogDraft>(
    draft: () => T | undefined,
    options: PersistOptions,
  ): Promise<T | undefined> {
    return this.#inTurn(() => this.#add(draft, options));
  }

  /** Reads what was written since. @throws {Error} when the server does not answer. */
  read(): Promise<void> {
    return this.#inTurn(() => this.#read());
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    return await work().finally(resolve);
  }

  async #add<T extends LogDraft>(
    draft: () => T | undefined,
    options: PersistOptions,
  ): Promise<T | undefined> {
    const { link, writer, packing } = this.#options;
    for (;;) {
      const entry = draft();
      if (entry === undefined) return undefined;
      const id = crypto.randomUUID();
      const payload = await encodeEntry(entry, {
        ...{ writer, entry: id },
        pack: (body) => packing.pack(body),
      });
      const isStored = await persist(link, options, async () => {
        try {
          const message = { subject: this.#subject, payload };
          this.#last = await store(link, { ...message, after: this.#last });
        } catch (error) {
          if (!isTaken(error)) throw error;
          if (!await this.#isNext(payload)) {
            await this.#readAgain(error);
            return false;
          }
        }
        this.#own.set(this.#last, id);
        return true;
      });
      if (isStored) return entry;
    }
  }

  /**
   * Whether an entry was stored, and only the answer was lost. Then it is the next one:
   * another client may copy it to a later place, after what others have written.
   */
  async #isNext(payload: Uint8Array): Promise<boolean> {
    const next = await this.#next();
    if (next === undefined || !isSame(next.data, payload)) return false;
    this.#last = next.seq;
    return true;
  }

  /** @throws the error when nobody has written, so that it is tried again later. */
  async #readAgain(error: unknown): Promise<void> {
    const before = this.#last;
    await this.#read();
    if (this.#last !== before) return;
    // What was there is gone: it was too old, or the stream was emptied.
    this.#last = 0;
    await this.#read();
    if (this.#last === before) throw error;
  }

  async #read(): Promise<void> {
    for (;;) {
      const found = await this.#next();
      if (found === undefined) return;
      this.#last = found.seq;
      this.#take(found);
    }
  }

  #next(): Promise<PlacedMessage | undefined> {
    return nextMessage(this.#options.link, this.#subject, this.#last + 1);
  }

  #take({ seq, data }: PlacedMessage): void {
    try {
      const { id, entry, begin, done } = readNote(data);
      if (this.#own.get(seq) === entry) return;
      for (const index of begin) {
        if (!this.#begun.has(index)) this.#begun.set(index, id);
      }
      for (const index of done) this.#done.add(index);
    } catch {
      // Not one of ftl's: it says nothing.
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
