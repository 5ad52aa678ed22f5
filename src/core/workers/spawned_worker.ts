// The process of a worker, at the run's end. It gets everything through its stdin:
// nothing secret is in its arguments, its environment or a file.
import { messageOf } from "../../errors.ts";
import { within } from "../../async/deadline.ts";
import { startFolder } from "../../disk/start_folder.ts";
import { childCarrier } from "../session/byte_carrier.ts";
import { SessionClient, SessionUnusable } from "../session/session_client.ts";
import type { ClientHello } from "../session/session_messages.ts";
import { GATHER_MS } from "./worker_word.ts";

/** How a worker is started. */
export interface WorkerProgram {
  readonly path: string;
  readonly args: readonly string[];
  /** The whole environment of the worker. */
  readonly env: Readonly<Record<string, string>>;
  /** What a worker compares before it serves. */
  readonly ftl: string;
  readonly build: string;
}

/** How long a worker may take to start, on a machine that is busy. */
const START_MS = 30_000;

/** How long it may take to end; longer than the closing of a host. */
const END_MS = 15_000;

/** A running worker. */
export class SpawnedWorker {
  readonly client: SessionClient;
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  #isEnding = false;

  /** @throws {SessionUnusable} when the process cannot be started. */
  constructor(
    { path, args, env, ftl, build }: WorkerProgram,
    asks: Pick<ClientHello, "agentSocket" | "asks">,
  ) {
    try {
      this.#child = new Deno.Command(path, {
        ...startFolder(),
        args: [...args],
        clearEnv: true,
        env,
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
        // In a group of its own: ^C is for the run, which tells its workers.
        detached: true,
      }).spawn();
    } catch (error) {
      throw new SessionUnusable(messageOf(error));
    }
    this.pid = this.#child.pid;
    this.client = new SessionClient({
      name: `worker ${this.pid}`,
      label: "a worker process",
      carrier: childCarrier(this.#child),
      hello: { ftl, build, token: "", ...asks },
      gatherMs: GATHER_MS,
    });
    // One that hangs or was stopped cannot end by itself.
    void this.client.closed.then(() => this.#isEnding || this.#kill());
  }

  /** Resolves to how the process ended: the end of a sentence. */
  get ended(): Promise<string> {
    return this.#child.status.then(({ code, signal }) =>
      signal === null ? `it ended with status ${code}` : `${signal} ended it`
    );
  }

  /**
   * Waits until it serves.
   *
   * @throws {SessionUnusable} when it does not.
   */
  async ready(): Promise<void> {
    await this.client.greeted(START_MS);
  }

  /** Ends it, after everything that was said. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.client.say("Quit", {}, 0);
    const late = { ms: END_MS, instead: undefined };
    if (await within(this.#child.status, late) === undefined) this.#kill();
    await this.#child.status;
    this.client.close();
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}
