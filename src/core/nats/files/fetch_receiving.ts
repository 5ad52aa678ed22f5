// Writes what the workers of a run fetch from hosts, a few hosts at a time.
import { CallError, messageOf } from "../../../errors.ts";
import { isObject } from "../../../protocol/body.ts";
import type { Json } from "../../../protocol/message.ts";
import { Semaphore } from "../../../async/semaphore.ts";
import type { Call, HostResult } from "../../call/call.ts";
import { judgeError, judgeObject } from "../../result/host_result.ts";
import type { NatsFiles } from "../server/nats_files.ts";
import { receiveFetched, withWritten } from "./receive_fetched.ts";

/** How many hosts' files are written at once. */
const MOST_HOSTS = 4;

/** Writes the files of one run. */
export class FetchReceiving {
  readonly #files: NatsFiles;
  readonly #call: Call;
  readonly #signal: AbortSignal;
  readonly #slots = new Semaphore({ perKey: MOST_HOSTS, total: MOST_HOSTS });

  constructor(files: NatsFiles, call: Call, signal: AbortSignal) {
    this.#files = files;
    this.#call = call;
    this.#signal = signal;
  }

  /** The result of a host when its files are written. Never rejects. */
  async take(result: HostResult, sent: Json): Promise<HostResult> {
    const { host, duration_ms, phases_ms } = result;
    const context = { host, duration_ms, phases_ms };
    try {
      if (!("fetch" in this.#call)) {
        throw new CallError(
          `Cannot accept files of ${host}: nothing is fetched`,
        );
      }
      const leave = await this.#slots.acquire("", this.#signal);
      try {
        const written = await receiveFetched(sent, {
          ...{ host, files: this.#files, signal: this.#signal },
          args: this.#call.fetch,
          check: this.#call.check ?? false,
        });
        const told = isObject(result.result) ? result.result : {};
        const own = judgeObject(withWritten(told, written), context);
        return result.error === null ? own : { ...result, result: own.result };
      } finally {
        leave();
      }
    } catch (cause) {
      const error = cause instanceof CallError ? cause : new CallError(
        `Cannot write the files of ${host}: ${messageOf(cause)}`,
        { cause },
      );
      return judgeError(error, context);
    }
  }
}
