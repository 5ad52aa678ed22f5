// A machine that programs run from: measures what each costs, with the processes
// that it leaves running for later (measure_tree.py).
import { besideThis } from "../bench.ts";

/** A program to measure. */
export interface MeasuredProgram {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Called before each run, and not measured. */
  readonly before?: () => Promise<unknown>;
}

/** What one run of a program has cost. */
export interface MeasuredCost {
  readonly wall_ms: number;
  readonly cpu_ms: number;
  /** CPU time of the hosts and their servers; null without hosts. */
  readonly host_cpu_ms: number | null;
  /** The peak of all processes together; null when it was not sampled. */
  readonly memory_bytes: number | null;
}

/** Runs the programs of one tool, one after the other. */
export class Controller implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #replies: ReadableStreamDefaultReader<string>;
  readonly #hosts: number | null;
  #rest = "";

  /** @param hosts The process ID of the server whose children are the hosts. */
  constructor(hosts: number | null = null) {
    this.#hosts = hosts;
    this.#child = new Deno.Command("python3", {
      args: [besideThis("publish/measure_tree.py")],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#replies = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /**
   * Runs a program to its end.
   *
   * @param options `memory`: sample its memory, which costs CPU time.
   * @throws {Error} with the end of its output, when it fails.
   */
  async run(
    { argv, env = {}, before }: MeasuredProgram,
    { memory = false }: { memory?: boolean } = {},
  ): Promise<MeasuredCost> {
    await before?.();
    const request = { argv, env, hosts: this.#hosts, memory };
    const { code, output, ...cost } = await this.#ask(request) as
      & MeasuredCost
      & { code: number; output: string };
    if (code !== 0) {
      const words = argv.join(" ").slice(0, 200);
      throw new Error(
        `Cannot measure ${words}: exit status ${code}\n${output}`,
      );
    }
    return cost;
  }

  /** Ends what programs have left running. */
  async endAll(): Promise<void> {
    await this.#ask({ end: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    while (!(await this.#replies.read()).done) { /* until it ends */ }
    await this.#child.status;
  }

  async #ask(request: unknown): Promise<unknown> {
    const line = JSON.stringify(request) + "\n";
    await this.#input.write(new TextEncoder().encode(line));
    let at: number;
    while ((at = this.#rest.indexOf("\n")) < 0) {
      const { value, done } = await this.#replies.read();
      if (done) throw new Error("Cannot measure: measure_tree.py has ended");
      this.#rest += value;
    }
    const reply = this.#rest.slice(0, at);
    this.#rest = this.#rest.slice(at + 1);
    return JSON.parse(reply);
  }
}
