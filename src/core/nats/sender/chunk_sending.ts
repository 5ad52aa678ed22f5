// Sends the hosts of a run in chunks: by site, in the order of the rollout, and only
// as many as workers have room for, so that other runs get their turn.
import type { Host } from "../../../inventory/inventory.ts";
import type { HostResult } from "../../call/call.ts";
import type { HostFleet } from "../../fleet/host_fleet.ts";
import {
  judgeCancelled,
  judgeError,
  untimed,
} from "../../result/host_result.ts";
import type { RunPlan } from "../../run/plan_run.ts";
import type { Rollout } from "../../run/rollout.ts";
import type { NatsSender } from "./nats_sender.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import {
  type CommonBody,
  type PreparedHost,
  prepareHost,
} from "./prepare_sent.ts";
import type { BeginLimit } from "../messages/begin_limit.ts";
import { publishStored } from "../server/publish_stored.ts";
import type { LogPlan } from "../messages/log_plan.ts";
import type { RunProgress } from "./run_progress.ts";
import type { SendFiles } from "../files/send_files.ts";
import { siteOf } from "../messages/sent_hosts.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { RunSigner } from "../trust/signed_message.ts";

/** The most bytes about hosts in one message; one host may have more. */
const MAX_HOST_BYTES = 4 * 1024 ** 2;
/** How many chunks of a site are under way, so that other runs get their turn. */
const MAX_OPEN_CHUNKS = 32;

/** What is sent. */
export interface ChunkSendingOptions {
  readonly sender: NatsSender;
  readonly fleet: HostFleet;
  readonly plan: RunPlan;
  readonly common: CommonBody;
  readonly hosts: readonly Host[];
  /** Cancels the run. */
  readonly signal: AbortSignal;
  /** Whether the run goes on without this process: then all is sent at once. */
  readonly detached: boolean;
  /** Until when the calls of a detached run may begin. */
  readonly limit: BeginLimit | undefined;
  readonly files: SendFiles;
  readonly run: string;
  readonly rollout: Rollout;
  readonly progress: RunProgress;
  readonly logs: LogPlan;
  readonly signer: () => Promise<RunSigner>;
  /** Aborts when the run is over. */
  readonly over: AbortSignal;
  /** Takes the result of a host that is not sent. */
  readonly finish: (index: number, result: HostResult) => Promise<void>;
  /** Called with the reason when the server keeps it waiting. */
  readonly onWait: (why: string) => void;
}

/** Sends the chunks of one run. */
export class ChunkSending {
  readonly #options: ChunkSendingOptions;
  #room = Promise.withResolvers<void>();
  #chunks = 0;
  #isCancelled = false;

  constructor(options: ChunkSendingOptions) {
    this.#options = options;
  }

  /** Sends nothing more. */
  cancel(): void {
    this.#isCancelled = true;
    this.makeRoom();
  }

  /** Looks again whether there is room for a chunk. */
  makeRoom(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers<void>();
  }

  /**
   * Sends all chunks, as workers have room.
   *
   * @throws {FtlError} when NATS cannot be used.
   */
  async send(): Promise<void> {
    const bySite = new Map<string, number[]>();
    for (const [index, host] of this.#options.hosts.entries()) {
      const site = siteOf(host);
      const list = bySite.get(site);
      if (list === undefined) bySite.set(site, [index]);
      else list.push(index);
    }
    await Promise.all(
      [...bySite].map(([site, indexes]) => this.#sendSite(site, indexes)),
    );
  }

  async #sendSite(site: string, indexes: readonly number[]): Promise<void> {
    const { signal, hosts, rollout, logs } = this.#options;
    let chunk: number[] = [];
    const flush = async () => {
      const full = chunk;
      chunk = [];
      if (full.length > 0) await this.#sendChunk(site, full);
    };
    for (const index of indexes) {
      const [last = index] = chunk;
      if (logs.logOf(last) !== logs.logOf(index)) await flush();
      const begun = rollout.begin(signal);
      if (!await isSettled(begun)) await flush();
      let reason: string | undefined;
      try {
        reason = await begun;
      } catch {
        return; // cancelled
      }
      if (reason !== undefined) {
        const why = `The call was not started: ${reason}`;
        const nothing = untimed(hosts[index]!.name);
        await this.#options.finish(index, judgeCancelled(nothing, why));
        continue;
      }
      chunk.push(index);
      if (this.#isCancelled) return;
    }
    await flush();
  }

  async #sendChunk(site: string, indexes: readonly number[]): Promise<void> {
    if (!this.#options.detached) await this.#roomFor(site);
    if (this.#isCancelled) return;
    const prepared: PreparedHost[] = [];
    for (const index of indexes) {
      const host = await this.#prepare(index);
      if (host !== undefined) prepared.push(host);
    }
    if (prepared.length === 0 || this.#isCancelled) return;
    for (const group of groupsOf(prepared)) await this.#sendGroup(site, group);
  }

  async #sendGroup(
    site: string,
    prepared: readonly PreparedHost[],
  ): Promise<void> {
    const { sender, common, detached, limit, signer, onWait } = this.#options;
    const number = this.#chunks++;
    const sent = prepared.map(({ host }) => host);
    const log = this.#options.logs.logOf(sent[0]!.index);
    this.#options.progress.send(number, site, sent.map(({ index }) => index));
    const payload = await sender.chunk({
      ...{ site, detached, limit, log },
      run: this.#options.run,
      chunk: number,
      body: { ...common.body, hosts: sent },
      isSecret: common.isSecret || prepared.some(({ isSecret }) => isSecret),
    }, await signer());
    await publishStored(sender.options.link, {
      subject: SUBJECTS.calls(site, this.#options.run, number),
      payload,
      signal: this.#options.over,
      onWait,
    }).then(() => this.#options.progress.store(number), (error) => {
      if (!this.#options.over.aborted) throw error;
    });
  }

  /** What a worker gets about a host; undefined when it has its result already. */
  async #prepare(index: number): Promise<PreparedHost | undefined> {
    const { hosts, plan } = this.#options;
    const host = hosts[index]!;
    try {
      return await prepareHost(host, index, this.#options);
    } catch (error) {
      const result = plan.mask.result(judgeError(error, untimed(host.name)));
      await this.#options.finish(index, result);
      return undefined;
    }
  }

  async #roomFor(site: string): Promise<void> {
    while (
      this.#options.progress.openChunks(site) >= MAX_OPEN_CHUNKS &&
      !this.#isCancelled
    ) await this.#room.promise;
  }
}

/** Whether a promise is settled now. A timer for each host would cost more than this. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = () => void (isSettled = true);
  promise.then(settle, settle);
  await null;
  await null;
  return isSettled;
}

/** Cuts hosts into groups whose messages have at most some 4 MiB, if they can. */
export function* groupsOf(
  hosts: readonly PreparedHost[],
): Generator<readonly PreparedHost[]> {
  let group: PreparedHost[] = [];
  let bytes = 0;
  for (const each of hosts) {
    const { length } = encodeNats(each.host);
    if (group.length > 0 && bytes + length > MAX_HOST_BYTES) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(each);
    bytes += length;
  }
  yield group;
}
