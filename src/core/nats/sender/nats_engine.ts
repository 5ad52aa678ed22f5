// The engine whose calls are made by workers near the hosts (docs/engines.md). This
// process plans and renders; workers connect.
import { NEVER } from "../../../async/abort.ts";
import { FtlError } from "../../../errors.ts";
import type { Host } from "../../../inventory/inventory.ts";
import type { RunEvent } from "../../call/run_event.ts";
import type { HostFleet } from "../../fleet/host_fleet.ts";
import type { Engine, EngineRunOptions, EngineTask } from "../../run/engine.ts";
import { openSource, type PushSource } from "../../push/push_source.ts";
import { checkBounds, planRun } from "../../run/plan_run.ts";
import type { ReceivedFiles } from "../../run/received_files.ts";
import { hostsOfRun } from "../../run/run.ts";
import { NatsRun } from "./nats_run.ts";
import { NatsSender, type NatsSenderOptions } from "./nats_sender.ts";
import { makeStreams } from "../server/nats_subjects.ts";
import { checkSealing, prepareCommon } from "./prepare_sent.ts";
import type { BeginLimit } from "../messages/begin_limit.ts";
import { checkSendable } from "../messages/sendable.ts";
import { notSigned } from "../messages/secret_parts.ts";
import { SendFiles } from "../files/send_files.ts";
import { ContentStore } from "../files/sent_content.ts";
import { siteOf } from "../messages/sent_hosts.ts";

/** Runs tasks over NATS on the hosts of a fleet, which are never connected to. */
export class NatsEngine implements Engine {
  readonly #fleet: HostFleet;
  readonly #sender: NatsSender;

  constructor(fleet: HostFleet, options: NatsSenderOptions) {
    this.#fleet = fleet;
    this.#sender = new NatsSender(options);
  }

  /**
   * Yields the events of a run.
   *
   * @throws {FtlError} before any host is contacted, when a part of the task does
   *   not work over NATS.
   */
  async *run(
    task: EngineTask,
    { signal = NEVER, stdin }: EngineRunOptions = {},
  ): AsyncGenerator<RunEvent, void, void> {
    if (stdin !== undefined) {
      throw new FtlError("Cannot send standard input over NATS", {
        hint: "Add < /dev/null, or run it without --nats",
      });
    }
    const run = await this.#prepare(task, { signal, detached: false });
    yield* run.events();
  }

  /**
   * Sends a run that goes on without this process; resolves to its id.
   *
   * @throws {FtlError} as `run()`.
   */
  async detach(task: EngineTask, signal: AbortSignal): Promise<string> {
    if ("fetch" in task.call) {
      throw new FtlError("Cannot detach a fetch", {
        hint: "This process writes its files",
      });
    }
    if (task.serial !== undefined || task.maxFail !== undefined) {
      throw new FtlError("Cannot detach a run with --serial or --max-fail", {
        hint: "Both need this process until the end",
      });
    }
    const run = await this.#prepare(task, { signal, detached: true });
    await run.detach();
    return run.id;
  }

  /** Until when the calls of a run that is sent now may begin. */
  get #limit(): BeginLimit | undefined {
    const { workerTimeoutMs } = this.#sender.options;
    return workerTimeoutMs === undefined
      ? undefined
      : { sentAt: Date.now(), withinMs: Math.ceil(workerTimeoutMs) };
  }

  /** The hosts; calls add some, and none of them is connected to. */
  get fleet(): HostFleet {
    return this.#fleet;
  }

  /** Lets go of NATS. */
  async close(): Promise<void> {
    this.#sender.options.key?.close();
    await this.#sender.options.link.close();
    await this.#fleet.close();
  }

  async #prepare(
    { call, hosts: names, facts, serial, maxFail, keepInvocation }: EngineTask,
    { signal, detached }: { signal: AbortSignal; detached: boolean },
  ): Promise<NatsRun> {
    const fleet = this.#fleet;
    const sender = this.#sender;
    checkBounds(call);
    if (facts) {
      throw new FtlError("Cannot gather facts first over NATS", {
        hint: "Run it without --nats, or without --facts",
      });
    }
    const hosts: readonly Host[] = hostsOfRun(fleet, names);
    hosts.forEach(siteOf); // before the run starts, all of them have a site
    sender.options.modules.take(); // what earlier calls asked for
    await checkSendable(call, fleet);
    if ("fetch" in call && sender.options.key === undefined) {
      throw notSigned("a fetch"); // nobody else may read its files
    }
    const source = "push" in call ? await openSource(call.push.src) : undefined;
    const plan = await planRun(call, fleet, {
      hosts,
      ...source && { received: sourceOnly(source) },
    });
    await makeStreams(sender.options.link);
    const store = new ContentStore(sender.files, { signal });
    try {
      const files = await SendFiles.of(plan, {
        ...{ fleet, store, source },
        // Nobody but their owner knows whether files are secret.
        beforeSending: () => checkSealing(sender, "files of this machine"),
      });
      const common = await prepareCommon(plan, {
        ...{ fleet, hosts, sender, files },
        keepInvocation: keepInvocation ?? false,
      });
      return new NatsRun({
        ...{ sender, fleet, plan, common, hosts, signal, detached },
        ...{ serial, maxFail, files, store },
        limit: detached ? this.#limit : undefined,
      });
    } catch (error) {
      await store.clear();
      throw error;
    }
  }
}

/** Lets the plan of a push use a source that was listed already. */
function sourceOnly(source: PushSource): ReceivedFiles {
  return {
    push: () => Promise.resolve(source),
    local: () => Promise.reject(new TypeError("A push reads nothing else")),
    target: () => {
      throw new TypeError("A push fetches nothing");
    },
  };
}
