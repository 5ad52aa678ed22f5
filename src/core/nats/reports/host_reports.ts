// Notes and results of hosts in the stream of events. Before a host begins, its
// worker notes that there, and the server lets one note of a host in: what may have
// begun is never begun again. It lets one result of a host in, too.
import { pause } from "../../../async/deadline.ts";
import { ConnectError } from "../../../errors.ts";
import type { HostResult } from "../../call/call.ts";
import { judgeError, untimed } from "../../result/host_result.ts";
import type { BegunHosts } from "./begun_hosts.ts";
import type { NatsLink } from "../server/nats_link.ts";
import { MessageMembers } from "../messages/message_members.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { idOf, publishOnce } from "../server/publish_once.ts";
import type { MessagePacking } from "../trust/sealed_bodies.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { BeginNote, SentHost } from "../messages/sent_call.ts";
import { SENDER_ID } from "./taken_back.ts";

/** The pause between two looks at a host that another worker began. */
const LOOK_MS = 5_000;
/** How long another worker may take to say that it still runs a host. */
const ANSWER_MS = 2_000;

/** The worker that reports, and until when. */
export interface HostReportsOptions {
  readonly link: NatsLink;
  readonly bodies: Pick<MessagePacking, "pack">;
  /** What the worker itself knows of hosts that it has begun. */
  readonly noted?: BegunHosts | undefined;
  readonly run: string;
  /** The worker's name, and the id of its process. */
  readonly worker: string;
  readonly id: string;
  /** Ends the wait to begin a host. */
  readonly signal: AbortSignal;
  /** Aborted when the worker ends: what has not begun is left to others. */
  readonly stop: AbortSignal;
  /** Aborted when the last results must be stored. */
  readonly late: AbortSignal;
  /** Called with the reason when the server keeps the worker waiting. */
  readonly onWait: (why: string) => void;
}

/** Notes begins and results of the hosts of one run. */
export class HostReports {
  readonly #options: HostReportsOptions;
  readonly #begun = new Map<number, Promise<void>>();
  /**
   * Hosts that this process has noted, with what tells this time from others: a call
   * that comes again is not the same, also to the worker that made it before.
   */
  readonly #own = new Map<number, string>();

  constructor(options: HostReportsOptions) {
    this.#options = options;
  }

  /**
   * Notes that a host begins.
   *
   * @throws {BegunElsewhere} when it has begun before.
   */
  begin(index: number): Promise<void> {
    let noted = this.#begun.get(index);
    if (noted === undefined) {
      noted = this.#note(index, this.#options.signal);
      this.#begun.set(index, noted);
      noted.catch(() => {}); // its users get the error
    }
    return noted;
  }

  /** Forgets a host whose result is stored. */
  forget(index: number): void {
    this.#begun.delete(index);
    this.#own.delete(index);
  }

  /**
   * Stores the result of a host, or that the worker which began it is gone.
   *
   * @param events What happened before, and was not reported yet.
   */
  async report(
    { index, name }: SentHost,
    result: HostResult,
    events: readonly unknown[] = [],
  ): Promise<void> {
    const { stop, late } = this.#options;
    const begun = this.#begun.get(index);
    if (begun === undefined && stop.aborted) return;
    try {
      // Keeps others from beginning a host whose result is known.
      await (begun ?? this.#note(index, late));
    } catch (error) {
      if (error instanceof BegunElsewhere) {
        if (await this.#isReported(index)) return;
        result = lostResult(name);
      } else if (stop.aborted) return;
      // It was cancelled while the server was away, and nothing ran.
      else await this.#note(index, late);
    }
    const message = events.length > 0 ? { ...result, events } : result;
    await this.#publish("result", index, message);
  }

  async #note(index: number, signal: AbortSignal): Promise<void> {
    const { worker, id, noted } = this.#options;
    const note: BeginNote = { worker, id };
    if (!this.#own.has(index)) {
      // This worker had begun it before it was started again.
      if (noted?.begin(index) === false) throw new BegunElsewhere();
      this.#own.set(index, crypto.randomUUID());
    }
    if (!await this.#publish("begin", index, note, signal)) {
      throw new BegunElsewhere();
    }
  }

  async #publish(
    kind: "begin" | "result",
    index: number,
    message: BeginNote | HostResult,
    signal = this.#options.late,
  ): Promise<boolean> {
    const { link, bodies, run, id, onWait } = this.#options;
    return await publishOnce(link, {
      subject: SUBJECTS.event(run, kind, index),
      payload: await bodies.pack(encodeNats(message)),
      id: `${run}.${kind}.${index}.${this.#own.get(index) ?? ""}.${id}`,
      ...{ signal, onWait },
    });
  }

  /**
   * Waits for the result of a host that another worker began; false when that
   * worker is gone.
   */
  async #isReported(index: number): Promise<boolean> {
    const { link, run, late } = this.#options;
    const idOfLast = (kind: "begin" | "result") =>
      idOf(link, SUBJECTS.event(run, kind, index));
    for (;;) {
      late.throwIfAborted();
      try {
        if (await idOfLast("result") !== undefined) return true;
        const [, worker = ""] = /\.([\w-]+)$/.exec(
          await idOfLast("begin") ?? "",
        ) ?? [];
        if (worker === SENDER_ID) return true; // it says what became of the host
        if (!await this.#isRunBy(worker, index)) {
          // It may have reported in the meantime.
          return await idOfLast("result") !== undefined;
        }
      } catch {
        // The server is away: what it knows is asked for again.
      }
      await pause(LOOK_MS, late);
    }
  }

  /** Whether a worker still runs a host. */
  async #isRunBy(worker: string, index: number): Promise<boolean> {
    const { link, run, id } = this.#options;
    if (worker === "" || worker === id) return false;
    try {
      const answer = await link.connection.request(
        SUBJECTS.worker(worker),
        encodeNats({ run, index }),
        { timeout: ANSWER_MS },
      );
      return MessageMembers.parse(answer.data).flag("runs");
    } catch {
      return false; // it does not answer
    }
  }
}

/** Thrown when another worker has begun a host. */
export class BegunElsewhere extends ConnectError {
  constructor() {
    super("Lost the worker that began the call on this host", {
      phase: "call",
      hint: "Look at the host before you run it again",
    });
  }
}

/** The result of a host whose worker is gone. */
export function lostResult(host: string): HostResult {
  return judgeError(new BegunElsewhere(), untimed(host));
}
