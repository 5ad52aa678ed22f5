// Follows a run that another process started: its events from the start, and as they
// come, until every host has a result or its sender has ended it.
import { ConnectError, FtlError } from "../../errors.ts";
import { isObject } from "../../protocol/body.ts";
import { emptySummary, type HostResult } from "../call/call.ts";
import type { RunEvent } from "../call/run_event.ts";
import {
  CANCELLED_LATE,
  judgeCancelled,
  judgeError,
} from "../result/host_result.ts";
import { NatsBodies } from "./nats_bodies.ts";
import { NatsFiles } from "./nats_files.ts";
import type { NatsLink } from "./nats_link.ts";
import { SUBJECTS } from "./nats_subjects.ts";
import { idOf } from "./publish_once.ts";
import { readResult } from "./read_result.ts";
import { parseReport, readReceivedEvent } from "./received_event.ts";
import { readRefusal } from "./run_refusals.ts";
import { readRun, type RunMessage } from "./run_messages.ts";
import { senderPacking } from "./run_packing.ts";
import { openRunReceiver } from "./run_receivers.ts";
import { isSealedEvent } from "./sealed_events.ts";

type RunStart = Extract<RunEvent, { event: "run_start" }>;
type RunEnd = Extract<RunEvent, { event: "run_end" }>;

/**
 * The events of a run, from its start.
 *
 * @throws {FtlError} when there is no such run, or its events are sealed for another
 *   user; when a worker refuses calls of a sender it does not know.
 */
export async function* followRun(
  link: NatsLink,
  { run, signal }: { run: string; signal: AbortSignal },
): AsyncGenerator<RunEvent, void, void> {
  if (!/^[\w-]{1,100}$/.test(run)) {
    throw new FtlError(
      `Cannot follow ${JSON.stringify(run)}: it is not the id of a run`,
    );
  }
  const subject = SUBJECTS.event(run, "start", 0);
  if (await idOf(link, subject).catch(() => undefined) === undefined) {
    throw new FtlError(`Cannot follow ${run}: ${link.shown} has no such run`, {
      hint: "Events are kept for 24 hours",
    });
  }
  const plain = new NatsBodies(link, new NatsFiles(link));
  const packing = async () =>
    await senderPacking(plain, { run, receiver: await openRunReceiver(run) });
  let opening: ReturnType<typeof packing> | undefined;
  const messages = readRun(link, {
    ...{ run, signal },
    unpack: async (_kind, message) => {
      const body = await plain.unpack(message);
      if (!isSealedEvent(body)) return body;
      return await (await (opening ??= packing())).unpack(message);
    },
  });
  const followed = new FollowedRun();
  for await (const message of messages) {
    for (const event of await followed.take(message)) {
      yield event;
      if (event.event === "run_end") return;
    }
  }
}

/** What is known of a run so far. */
class FollowedRun {
  #start: RunStart | undefined;
  #startedAt = 0;
  #names = new Set<string>();
  readonly #done = new Set<number>();
  readonly #begun = new Set<number>();
  #summary = emptySummary(0);

  /** The events that a message makes. */
  async take(message: RunMessage): Promise<RunEvent[]> {
    const { kind, index, time, body } = message;
    const t = Math.max(0, Math.round(time - this.#startedAt));
    if (kind === "start") {
      const start = parseReport(await body()) as unknown as RunStart;
      if (!Array.isArray(start.hosts)) {
        throw new FtlError("Cannot follow the run: its start is malformed");
      }
      this.#start = start;
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
        return await this.#more(message, t);
      case "refused": {
        const note = readRefusal(await body());
        if (note === undefined || !note.isFinal) return [];
        const { worker, why, hosts } = note;
        const cause = new ConnectError(`The worker ${worker} refused: ${why}`, {
          phase: "start",
        });
        if (hosts === undefined) throw cause;
        return hosts.flatMap((each) =>
          this.#finish(each, t, (name) => judgeError(cause, blank(name)))
        );
      }
      case "end":
        return this.#ended(parseReport(await body()) as unknown as RunEnd, t);
    }
  }

  async #result({ index, body }: RunMessage, t: number): Promise<RunEvent[]> {
    const name = this.#start!.hosts[index];
    if (name === undefined) return [];
    const { result } = await readResult(body, name);
    return this.#finish(index, t, () => result);
  }

  async #more({ body }: RunMessage, t: number): Promise<RunEvent[]> {
    const { events } = parseReport(await body());
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

  /** The sender has ended the run: no other result comes. */
  #ended({ args }: RunEnd, t: number): RunEvent[] {
    const events = this.#start!.hosts.flatMap((_, index) =>
      this.#finish(index, t, (name) => {
        const why = this.#begun.has(index) ? CANCELLED_LATE : undefined;
        return judgeCancelled(blank(name), why);
      })
    );
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

function blank(host: string) {
  return { host, duration_ms: 0, phases_ms: {} };
}
