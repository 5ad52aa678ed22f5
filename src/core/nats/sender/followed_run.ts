// A run that another process started, as its messages tell it: each host gets one
// result, and the run one end. Messages that nobody has signed may say anything. What
// no believed worker has said ends nothing while the run is under way: a sender that is
// there decides, and else the queue of calls does.
import { ConnectError } from "../../../errors.ts";
import type { JsonObject } from "../../../protocol/message.ts";
import { emptySummary, type HostResult } from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";
import {
  CANCELLED_EARLY,
  CANCELLED_LATE,
  judgeCancelled,
  judgeError,
  untimed,
} from "../../result/host_result.ts";
import type { BeginLimit } from "../messages/begin_limit.ts";
import { readRefusal } from "../messages/received_note.ts";
import type { LogPlan } from "../messages/log_plan.ts";
import { readNote } from "../messages/log_entry.ts";
import { openEntry, type OwnedEntry } from "../messages/open_entry.ts";
import { readResult, unreadable } from "../messages/read_result.ts";
import { readEventLine } from "../messages/received_event.ts";
import { readLastArguments, readRunStart } from "../messages/received_run.ts";
import { lostResult } from "../reports/lost_host.ts";
import type { RunPacking } from "../trust/run_packing.ts";
import { type OpenedMessage, UntrustedWorker } from "../trust/sealed_bodies.ts";
import type { RunMessage } from "../server/run_messages.ts";
import { ToldPhases } from "./told_phases.ts";

type RunStart = Extract<RunEvent, { event: "run_start" }>;
type RunEnd = Extract<RunEvent, { event: "run_end" }>;

/** Opens the messages of the run. */
type Opening = Pick<RunPacking, "open" | "openOwn" | "openRefusal">;

/** What is known of a run so far. */
export class FollowedRun {
  #start: RunStart | undefined;
  #startedAt = 0;
  /** The numbers of the hosts by their names. */
  #indexes: ReadonlyMap<string, number> = new Map();
  readonly #done = new Set<number>();
  /** The worker that has begun each host. */
  readonly #begun = new Map<number, string>();
  #logs: LogPlan | undefined;
  readonly #phases = new ToldPhases();
  #summary = emptySummary(0);
  /** Whether it goes on without its sender. */
  isDetached = false;
  /** Until when calls of a detached run may begin. */
  limit: BeginLimit | undefined;
  readonly #packing: Opening;
  readonly #isUnderWay: () => Promise<boolean>;
  /** Results of workers that are not believed, by their hosts. */
  readonly #doubted = new Map<number, string>();

  /** @param isUnderWay Tells whether calls of the run are queued or made. */
  constructor(packing: Opening, isUnderWay: () => Promise<boolean>) {
    this.#packing = packing;
    this.#isUnderWay = isUnderWay;
  }

  /** Which log each host is in; undefined until the start was read. */
  get logs(): LogPlan | undefined {
    return this.#logs;
  }

  /** The hosts that have neither begun nor a result. */
  get waiting(): { readonly index: number; readonly name: string }[] {
    return (this.#start?.hosts ?? []).flatMap((name, index) =>
      this.#begun.has(index) || this.#done.has(index) ? [] : [{ index, name }]
    );
  }

  /** The events that a message makes. */
  async take(message: RunMessage): Promise<RunEvent[]> {
    const { kind, time, data } = message;
    const t = Math.max(0, Math.round(time - this.#startedAt));
    if (kind === "start") {
      if (this.#start !== undefined) return []; // the first one counts
      const { body } = await this.#packing.openOwn(data);
      const { start, isDetached, limit, logs } = readRunStart(body);
      this.#start = start;
      this.#logs = logs;
      this.isDetached = isDetached;
      if (isDetached) this.limit = limit;
      this.#startedAt = time;
      this.#indexes = new Map(start.hosts.map((name, index) => [name, index]));
      this.#summary = emptySummary(start.hosts.length);
      const empty = start.hosts.length === 0 ? [this.#end(0)] : [];
      return [start, ...empty];
    }
    if (this.#start === undefined) return [];
    switch (kind) {
      case "log":
        return await this.#log(message, t).catch((error) =>
          this.#doubt(message, { t, error })
        );
      case "refused": {
        const opened = await this.#packing.openRefusal(data).catch(() => null);
        return opened === null ? [] : await this.#refused(opened, message, t);
      }
      case "end": {
        const opened = await this.#packing.openOwn(data).catch(() => null);
        if (opened === null) return []; // not from the sender
        return this.#ended(readLastArguments(opened.body), t);
      }
    }
  }

  async #refused(
    { body }: OpenedMessage,
    { index }: RunMessage,
    t: number,
  ): Promise<RunEvent[]> {
    const { worker, why, isFinal, chunk, hosts = [] } = readRefusal(body);
    if (!isFinal || !this.isDetached) return [];
    const cause = new ConnectError(`The worker ${worker} refused: ${why}`, {
      phase: "start",
    });
    if (chunk === undefined) {
      // No allowed sender has made the call that it refused.
      const isNew = this.#begun.size + this.#done.size === 0;
      if (isNew && !await this.#isUnderWay()) throw cause;
      return [];
    }
    if (chunk !== index) return []; // a copy at another address
    return hosts.filter((each) => !this.#begun.has(each)).flatMap((each) =>
      this.#finish(each, t, (name) => judgeError(cause, untimed(name)))
    );
  }

  async #log({ index: log, data }: RunMessage, t: number): Promise<RunEvent[]> {
    const logs = this.#logs!;
    const entry = await openEntry(data, this.#packing.open);
    const { owner } = entry;
    const isOwn = (index: number) => logs.has(log, index);
    for (const index of entry.begin.filter(isOwn)) {
      if (!this.#begun.has(index)) this.#begun.set(index, owner);
      this.#doubted.delete(index);
    }
    // A worker tells nothing of hosts that another one has begun.
    const isTold = (index: number) =>
      isOwn(index) && !this.#done.has(index) &&
      (this.#begun.get(index) ?? owner) === owner;
    const events = this.#eventsIn(entry, { t, isTold });
    for (const index of entry.lost.filter(isOwn)) {
      events.push(...this.#finish(index, t, lostResult));
    }
    for (const { index, text } of entry.results) {
      if (!isTold(index)) continue;
      const { result } = readResult(text, this.#start!.hosts[index]!);
      events.push(
        ...this.#phases.untold(result, { t, owner }),
        ...this.#finish(index, t, () => result),
      );
    }
    return [...events, ...await this.#ifOver(t)];
  }

  /** What nobody vouches for says nothing; that of an unknown worker is missed. */
  async #doubt(
    { index: log, data }: RunMessage,
    { t, error }: { t: number; error: unknown },
  ): Promise<RunEvent[]> {
    if (!(error instanceof UntrustedWorker)) return [];
    for (const index of notedDone(data)) {
      if (!this.#logs!.has(log, index) || this.#done.has(index)) continue;
      if (this.#begun.has(index)) continue; // a believed worker tells
      this.#doubted.set(index, error.message);
    }
    return await this.#ifOver(t);
  }

  /** The end, when no other result can come. */
  async #ifOver(t: number): Promise<RunEvent[]> {
    const { size } = this.#doubted;
    if (size === 0 || !this.isDetached) return []; // its sender ends it
    if (this.#done.size + size < this.#start!.hosts.length) return [];
    return await this.#isUnderWay() ? [] : this.#cancelled(t);
  }

  #eventsIn(
    { events, owner }: OwnedEntry,
    { t, isTold }: { t: number; isTold: (index: number) => boolean },
  ): RunEvent[] {
    const isOwn = (host: string) => isTold(this.#indexes.get(host) ?? -1);
    return events.flatMap((line) => {
      const event = readEventLine(line, { t, isOwn });
      if (event === undefined) return [];
      this.#phases.note(event, owner);
      return [event];
    });
  }

  #finish(
    index: number,
    t: number,
    judge: (name: string) => HostResult,
  ): RunEvent[] {
    const name = this.#start!.hosts[index];
    if (name === undefined || this.#done.has(index)) return [];
    this.#done.add(index);
    const result = judge(name);
    this.#doubted.delete(index);
    this.#summary[result.status]++;
    const event: RunEvent = { event: "result", t, ...result };
    const isLast = this.#done.size === this.#start!.hosts.length;
    return isLast ? [event, this.#end(t)] : [event];
  }

  /** The sender is gone: no other result comes. */
  abandon(why: string): RunEvent[] {
    const t = Math.max(0, Math.round(Date.now() - this.#startedAt));
    return this.#start === undefined ? [] : this.#cancelled(t, why);
  }

  /** What becomes of the hosts without a result. */
  #cancelled(t: number, why?: string): RunEvent[] {
    const because = why === undefined ? "" : `${why}. `;
    return this.#start!.hosts.flatMap((_, index) =>
      this.#finish(
        index,
        t,
        (name) =>
          this.#unbelieved(index, name) ?? judgeCancelled(
            untimed(name),
            because +
              (this.#begun.has(index) ? CANCELLED_LATE : CANCELLED_EARLY),
          ),
      )
    );
  }

  #unbelieved(index: number, name: string): HostResult | undefined {
    const why = this.#doubted.get(index);
    return why === undefined ? undefined : unreadable(name, why);
  }

  /** The sender has ended the run: no other result comes. */
  #ended(args: JsonObject | undefined, t: number): RunEvent[] {
    const events = this.#cancelled(t);
    if (events.length === 0) events.push(this.#end(t));
    return events.map((event) =>
      event.event === "run_end" && args !== undefined
        ? { ...event, args }
        : event
    );
  }

  #end(t: number): RunEnd {
    return { event: "run_end", t, summary: this.#summary, duration_ms: t };
  }
}

/** The hosts whose results an entry says that it has. */
function notedDone(data: Uint8Array): readonly number[] {
  try {
    return readNote(data).done;
  } catch {
    return []; // it says nothing
  }
}
