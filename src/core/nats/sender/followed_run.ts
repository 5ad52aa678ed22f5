// A run that another process started, as its messages tell it: each host gets one
// result, and the run one end. Messages that nobody has signed may say anything.
import { ConnectError } from "../../../errors.ts";
import { isObject } from "../../../protocol/body.ts";
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
import { readRefusal } from "../messages/received_note.ts";
import { readResult } from "../messages/read_result.ts";
import { parseReport, readReceivedEvent } from "../messages/received_event.ts";
import { readLastArguments, readRunStart } from "../messages/received_run.ts";
import type { RunMessage } from "../server/run_messages.ts";

type RunStart = Extract<RunEvent, { event: "run_start" }>;
type RunEnd = Extract<RunEvent, { event: "run_end" }>;

/** What is known of a run so far. */
export class FollowedRun {
  #start: RunStart | undefined;
  #startedAt = 0;
  #names = new Set<string>();
  readonly #done = new Set<number>();
  readonly #begun = new Set<number>();
  #summary = emptySummary(0);
  /** Whether it goes on without its sender. */
  isDetached = false;

  /** The events that a message makes. */
  async take(message: RunMessage): Promise<RunEvent[]> {
    const { kind, index, time, body } = message;
    const t = Math.max(0, Math.round(time - this.#startedAt));
    if (kind === "start") {
      if (this.#start !== undefined) return []; // the first one counts
      const { detached, ...start } = readRunStart(await body());
      this.#start = start;
      this.isDetached = detached;
      this.#startedAt = time;
      this.#names = new Set(start.hosts);
      this.#summary = emptySummary(start.hosts.length);
      const empty = start.hosts.length === 0 ? [this.#end(0)] : [];
      return [start, ...empty];
    }
    if (this.#start === undefined) return [];
    switch (kind) {
      case "begin":
        this.#begun.add(index);
        return [];
      case "result":
        return await this.#result(message, t);
      case "more":
        return this.#eventsIn(parseReport(await body()), t);
      case "refused": {
        const { worker, why, isFinal, hosts } = readRefusal(await body());
        if (!isFinal) return [];
        const cause = new ConnectError(`The worker ${worker} refused: ${why}`, {
          phase: "start",
        });
        if (hosts === undefined) throw cause;
        return hosts.filter((each) => !this.#begun.has(each)).flatMap((each) =>
          this.#finish(each, t, (name) => judgeError(cause, untimed(name)))
        );
      }
      case "end":
        return this.#ended(readLastArguments(await body()), t);
    }
  }

  async #result({ index, body }: RunMessage, t: number): Promise<RunEvent[]> {
    const name = this.#start!.hosts[index];
    if (name === undefined) return [];
    const { result, report } = await readResult(body, name);
    const before = this.#eventsIn(report, t);
    return [...before, ...this.#finish(index, t, () => result)];
  }

  #eventsIn({ events }: JsonObject, t: number): RunEvent[] {
    if (!Array.isArray(events)) return [];
    const isOwn = (host: string) => this.#names.has(host);
    return events.filter(isObject)
      .map((event) => readReceivedEvent(event, { t, isOwn }))
      .filter((event) => event !== undefined);
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
      this.#finish(index, t, (name) =>
        judgeCancelled(
          untimed(name),
          because + (this.#begun.has(index) ? CANCELLED_LATE : CANCELLED_EARLY),
        ))
    );
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
