// Hosts that are taken back from workers: the sender writes that it begins them itself,
// which keeps every worker from doing so, together with their results.
import type { HostResult } from "../../call/call.ts";
import type { LogLine } from "../messages/log_entry.ts";
import type { LogPlan } from "../messages/log_plan.ts";
import type { NatsLink } from "../server/nats_link.ts";
import type { MessagePacking } from "../trust/sealed_bodies.ts";
import { HostLog } from "./host_log.ts";

/** Stands for the name and the process of a worker in the entries of a sender. */
const SENDER_ID = "sender";

/** How many logs are written at a time. */
const AT_ONCE = 64;

/** Writes what the sender of a run says of its hosts. */
export class TakenBack {
  readonly #options: {
    readonly link: NatsLink;
    readonly run: string;
    readonly logs: LogPlan;
    readonly packing: () => Promise<Pick<MessagePacking, "pack">>;
  };

  constructor(options: {
    link: NatsLink;
    run: string;
    logs: LogPlan;
    packing: () => Promise<Pick<MessagePacking, "pack">>;
  }) {
    this.#options = options;
  }

  /**
   * Takes hosts back, and stores their results. A host that a worker has begun, or
   * that has a result, stays as it is.
   *
   * @param signal Ends the attempts while the server is away.
   * @returns those that were taken back. Never rejects.
   */
  async take(
    indexes: readonly number[],
    resultOf: (index: number) => HostResult,
    signal: AbortSignal,
  ): Promise<number[]> {
    const taken: number[] = [];
    const logs = [...this.#options.logs.byLog(indexes)];
    await inTurns(logs, async ([number, hosts]) => {
      const log = await this.#log(number);
      const written = await log.add(() => {
        const open = hosts.filter((index) => !log.isTold(index));
        if (open.length === 0) return undefined;
        const results = open.map((index) => lineOf(index, resultOf(index)));
        return { begin: open, results };
      }, { signal });
      if (written !== undefined) taken.push(...written.begin);
    });
    return taken;
  }

  /** Says that the worker of hosts is gone. Never rejects. */
  async lose(indexes: readonly number[], signal: AbortSignal): Promise<void> {
    const logs = [...this.#options.logs.byLog(indexes)];
    await inTurns(logs, async ([log, hosts]) => {
      await (await this.#log(log)).add(() => ({ lost: hosts }), { signal });
    });
  }

  async #log(log: number): Promise<HostLog> {
    const { link, run, packing } = this.#options;
    const writer = { worker: SENDER_ID, id: SENDER_ID };
    return new HostLog({ link, run, log, writer, packing: await packing() });
  }
}

/** The line of a result. */
export function lineOf(
  index: number,
  { host: _host, ...result }: HostResult,
): LogLine {
  return { index, text: JSON.stringify(result) };
}

/** Some at a time; what fails is left out: the run is over, or the server is away. */
async function inTurns<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (const item of waiting) await work(item).catch(() => {});
  });
  await Promise.all(lanes);
}
