// Which log of a run says what becomes of a host. A log is for some hosts of one site,
// as many as a chunk has; the start of the run tells all readers how hosts are divided.
import { FtlError } from "../../../errors.ts";
import type { MessageMembers } from "./message_members.ts";

/** The most hosts of one log, and of one chunk. */
export const MAX_LOG_HOSTS = 50;
/** A site's hosts are in at least this many logs, so that its workers share them. */
const MIN_LOGS = 16;

/** A plan as a message has it. */
export interface SentLogPlan {
  /** How many hosts each log of a site has, the sites in the order of their first hosts. */
  readonly sizes: readonly number[];
  /** The place of each host's site in `sizes`. Default: there is one site. */
  readonly sites?: readonly number[];
}

/** The logs of one run. */
export class LogPlan {
  /** The plan as a message has it. */
  readonly sent: SentLogPlan;
  /** The log of each host. */
  readonly #logs: Int32Array;
  readonly #hosts: number[][] = [];

  private constructor(hosts: number, sent: SentLogPlan) {
    this.sent = sent;
    this.#logs = new Int32Array(hosts);
    const open = sent.sizes.map(() => -1);
    for (let index = 0; index < hosts; index++) {
      const site = sent.sites?.[index] ?? 0;
      let log = open[site]!;
      if (log < 0 || this.#hosts[log]!.length >= sent.sizes[site]!) {
        open[site] = log = this.#hosts.push([]) - 1;
      }
      this.#hosts[log]!.push(index);
      this.#logs[index] = log;
    }
  }

  /** @param sites The site of each host. */
  static of(sites: readonly string[]): LogPlan {
    const counts = new Map<string, number>();
    for (const site of sites) counts.set(site, (counts.get(site) ?? 0) + 1);
    const names = [...counts.keys()];
    const places = new Map(names.map((name, i) => [name, i]));
    return new LogPlan(sites.length, {
      sizes: [...counts.values()].map((hosts) =>
        Math.min(MAX_LOG_HOSTS, Math.ceil(hosts / MIN_LOGS))
      ),
      ...names.length > 1 && { sites: sites.map((site) => places.get(site)!) },
    });
  }

  /**
   * Reads the plan in the start of a run.
   *
   * @throws {FtlError} when it does not fit the number of hosts.
   */
  static read(start: MessageMembers, hosts: number): LogPlan {
    const plan = start.members("logs");
    const sizes = plan.counts("sizes");
    const { sites } = plan.optional("sites", (name) => plan.counts(name));
    const fits = sizes.every((size) => size >= 1 && size <= MAX_LOG_HOSTS) &&
      (sites === undefined
        ? sizes.length === Math.min(hosts, 1)
        : sites.length === hosts && sites.every((site) => site < sizes.length));
    if (!fits) {
      throw new FtlError(
        "Cannot read the start of the run: its logs are wrong",
      );
    }
    return new LogPlan(hosts, { sizes, ...sites && { sites } });
  }

  /** The log of a host. */
  logOf(index: number): number {
    return this.#logs[index]!;
  }

  /** Whether a log is that of a host. */
  has(log: number, index: number): boolean {
    return index >= 0 && index < this.#logs.length && this.#logs[index] === log;
  }

  /** Some hosts by their logs. */
  byLog(indexes: Iterable<number>): Map<number, number[]> {
    const logs = new Map<number, number[]>();
    for (const index of indexes) {
      const log = this.logOf(index);
      const hosts = logs.get(log);
      if (hosts === undefined) logs.set(log, [index]);
      else hosts.push(index);
    }
    return logs;
  }
}
