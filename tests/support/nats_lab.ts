// A NATS server with workers of this process, and an engine that sends to them.
import { join } from "@std/path";
import type { HostFleet } from "../../src/core/fleet/host_fleet.ts";
import { NatsEngine } from "../../src/core/nats/sender/nats_engine.ts";
import { KnownWorkers } from "../../src/core/nats/trust/known_workers.ts";
import {
  type NatsLink,
  openNats,
} from "../../src/core/nats/server/nats_link.ts";
import type { NatsSenderOptions } from "../../src/core/nats/sender/nats_sender.ts";
import { NatsWorker } from "../../src/core/nats/worker/nats_worker.ts";
import type { RecordedModules } from "../../src/core/nats/messages/recorded_modules.ts";
import { makeRunKey } from "../../src/core/nats/trust/run_key.ts";
import type { SenderTrust } from "../../src/core/nats/trust/signed_message.ts";
import type { WorkerMeans } from "../../src/core/nats/worker/worker_fleet.ts";
import { openWorkerKey } from "../../src/core/nats/trust/worker_key.ts";
import { CALLS } from "../../src/core/nats/server/nats_subjects.ts";
import {
  type NatsServer,
  type NatsServerOptions,
  startNatsServer,
} from "./nats_server.ts";

/** How a worker of a lab differs from the plain one. */
export interface LabWorkerOptions {
  readonly name?: string;
  readonly site?: string;
  readonly means?: Partial<WorkerMeans>;
  readonly trust?: SenderTrust;
  /** The build that it says it is of. */
  readonly build?: string;
  /** The folder of its key, which stays. Default: a new one. */
  readonly home?: string;
}

/** A worker of a lab. */
export interface LabWorker {
  readonly name: string;
  /** What it has told its user. */
  readonly notes: string[];
  /** The key that secrets are sealed for. */
  readonly key: string;
  /** Ends it, and waits for its last results. */
  stop(): Promise<void>;
  /** Cuts it off from the server, as if its machine had lost its network. */
  cut(): Promise<void>;
}

/** A server, its workers and engines. */
export class NatsLab implements AsyncDisposable {
  readonly server: NatsServer;
  readonly #ends: (() => Promise<void>)[] = [];

  private constructor(server: NatsServer) {
    this.server = server;
  }

  static async start(options: NatsServerOptions = {}): Promise<NatsLab> {
    return new NatsLab(await startNatsServer(options));
  }

  /** A connection that ends with the lab. */
  async link(name = "test"): Promise<NatsLink> {
    const link = await openNats({ url: this.server.url, name });
    this.#ends.push(() => link.close());
    return link;
  }

  /** Lets the server give a chunk to another worker after this many ms. */
  async setAckWait(queue: string, ms: number): Promise<void> {
    const { admin } = await this.link();
    await admin.consumers.update(CALLS, queue, { ack_wait: ms * 1_000_000 });
  }

  /** Starts a worker, and waits until it takes calls. */
  async worker(options: LabWorkerOptions = {}): Promise<LabWorker> {
    const { name = "w1", site, means = {}, trust, build = "test" } = options;
    const home = options.home ??
      await Deno.makeTempDir({ prefix: "ftl-lab-worker-" });
    const key = await openWorkerKey(home);
    const link = await openNats({ url: this.server.url, name });
    const stop = new AbortController();
    const notes: string[] = [];
    const worker = new NatsWorker({
      ...{ link, name, site, key, trust, build },
      ftl: "test",
      means: {
        ssh: { config: "none", agentSocket: "" },
        connection: {},
        ...means,
      },
      stop: stop.signal,
      onNote: (text) => notes.push(text),
    });
    const ready = Promise.withResolvers<void>();
    const work = worker.work({ onReady: ready.resolve });
    await Promise.race([ready.promise, work]);
    const end = async () => {
      if (stop.signal.aborted) return;
      stop.abort(new DOMException("Stopped", "AbortError"));
      await work;
      await link.close();
      if (home !== options.home) await Deno.remove(home, { recursive: true });
    };
    this.#ends.push(end);
    return {
      ...{ name, notes },
      key: key.text,
      stop: end,
      cut: () => link.connection.close(),
    };
  }

  /** What a sender needs to send secrets and files to these workers. */
  async sealing(
    ...workers: readonly LabWorker[]
  ): Promise<Pick<NatsSenderOptions, "key" | "known">> {
    const path = join(this.server.folder, "known_workers");
    const lines = workers.map(({ name, key }) => `${name} ${key}\n`);
    await Deno.writeTextFile(path, lines.join(""));
    return {
      key: await makeRunKey(),
      known: await KnownWorkers.load(path),
    };
  }

  /** An engine that sends calls for the hosts of a fleet. */
  async engine(
    fleet: HostFleet,
    modules: RecordedModules,
    options: Partial<NatsSenderOptions> = {},
  ): Promise<NatsEngine> {
    const engine = new NatsEngine(fleet, {
      link: await openNats({ url: this.server.url, name: "sender" }),
      ftl: "test",
      build: "test",
      from: "ann@test",
      modules,
      onNote: () => {},
      ...options,
    });
    this.#ends.push(() => engine.close());
    return engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
    await this.server.stop();
  }
}
