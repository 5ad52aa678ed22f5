// One log of a run, to which workers and the sender add entries. An entry is stored only
// where its writer has read all before it, which the server checks: so no host begins
// twice, although two workers may have its chunk. What others have written in between is read first.
import {
  encodeEntry,
  type LogDraft,
  type LogWriter,
  readNote,
} from "../messages/log_entry.ts";
import { isTaken, type NatsLink } from "../server/nats_link.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { nextMessage } from "../server/next_message.ts";
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
  /** Tells the entries of this object from others, also of the same worker. */
  readonly #session = crypto.randomUUID();
  #entries = 0;
  /** The place in the stream of the last entry that was read or written. */
  #last = 0;
  /** The last entry of this object that was found there. */
  #found = "";
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
      const id = `${this.#session}.${this.#entries++}`;
      const payload = await encodeEntry(entry, {
        ...{ writer, entry: id },
        pack: (body) => packing.pack(body),
      });
      const isStored = await persist(link, options, async () => {
        if (this.#found === id) return true; // its answer was lost
        try {
          const message = { subject: this.#subject, payload, id };
          this.#last = await store(link, { ...message, after: this.#last });
          return true;
        } catch (error) {
          if (!isTaken(error)) throw error;
          await this.#readAgain(error);
          return this.#found === id;
        }
      });
      if (isStored) return entry;
    }
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
    const { link } = this.#options;
    for (;;) {
      const found = await nextMessage(link, this.#subject, this.#last + 1);
      if (found === undefined) return;
      this.#last = found.seq;
      this.#take(found.data);
    }
  }

  #take(data: Uint8Array): void {
    try {
      const { id, entry, begin, done } = readNote(data);
      if (entry.startsWith(this.#session)) return void (this.#found = entry);
      for (const index of begin) {
        if (!this.#begun.has(index)) this.#begun.set(index, id);
      }
      for (const index of done) this.#done.add(index);
    } catch {
      // Not one of ftl's: it says nothing.
    }
  }
}
