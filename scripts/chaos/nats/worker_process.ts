// A worker of a site as a process that can be killed, stopped and started again.
import { signal } from "../processes.ts";

/** How long a worker may take until it is ready, and after TERM. */
const START_MS = 60_000;
const END_MS = 60_000;
/** The pause before it is started again, as that of a service. */
const RETRY_MS = 500;

/** How a worker is started. */
export interface WorkerProcessOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Called with what a worker must not do. */
  readonly onFault: (what: string) => void;
  /** Called with each line that it prints. */
  readonly onLine: (line: string) => void;
}

/** A worker, which runs or not. */
export class WorkerProcess {
  readonly name: string;
  readonly #options: WorkerProcessOptions;
  #child: Deno.ChildProcess | undefined;
  #starting: Promise<void> | undefined;
  #isReady = false;
  #mayEnd = false;
  #read: Promise<void> = Promise.resolve();

  constructor(options: WorkerProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /**
   * Starts it, again and again while there is no NATS server; resolves when it takes
   * calls, or is killed before that.
   */
  start(): Promise<void> {
    return this.#starting ??= this.#start()
      .finally(() => this.#starting = undefined);
  }

  async #start(): Promise<void> {
    if (this.#child !== undefined) return;
    const until = performance.now() + START_MS;
    while (!await this.#startOnce()) {
      if (this.#mayEnd) return;
      if (performance.now() > until) {
        return this.#options.onFault(`the worker ${this.name} did not start`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Whether it got ready. */
  async #startOnce(): Promise<boolean> {
    const { command: [program, ...args], env, name, onFault } = this.#options;
    const child = new Deno.Command(program!, {
      args,
      env,
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#mayEnd = false;
    const ready = Promise.withResolvers<boolean>();
    this.#read = this.#readLines(child, () => ready.resolve(true));
    this.#isReady = false;
    void child.status.then(({ code, signal }) => {
      ready.resolve(false);
      if (this.#child === child) this.#child = undefined;
      if (this.#isReady && !this.#mayEnd) {
        onFault(`the worker ${name} ended with ${signal ?? code}`);
      }
    });
    this.#isReady = await ready.promise;
    return this.#isReady;
  }

  /** Ends it, and waits for that. */
  async end(how: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#mayEnd = true;
    const wasReady = this.#isReady;
    signal(child.pid, how);
    signal(child.pid, "SIGCONT"); // it may be paused
    const late = setTimeout(() => {
      this.#options.onFault(`the worker ${this.name} did not end at ${how}`);
      signal(child.pid, "SIGKILL");
    }, END_MS);
    const { code } = await child.status;
    clearTimeout(late);
    await this.#read;
    this.#child = undefined;
    // Without its server it cannot say what became of its hosts: then it ends with 130.
    if (how === "SIGTERM" && wasReady && code !== 0 && code !== 130) {
      this.#options.onFault(`the worker ${this.name} ended with ${code}`);
    }
  }

  /** Lets it do nothing until `resume()`. */
  pause(): void {
    if (this.#child !== undefined) signal(this.#child.pid, "SIGSTOP");
  }

  resume(): void {
    if (this.#child !== undefined) signal(this.#child.pid, "SIGCONT");
  }

  async #readLines(
    child: Deno.ChildProcess,
    onReady: () => void,
  ): Promise<void> {
    const { onLine, onFault, name } = this.#options;
    let rest = "";
    for await (
      const text of child.stderr.pipeThrough(new TextDecoderStream())
    ) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        if (line.includes("is ready")) onReady();
        else onLine(line);
        if (/Uncaught|internal error|^\s+at /.test(line)) {
          onFault(`the worker ${name} printed: ${line}`);
        }
      }
    }
  }
}
