// A running `ftl console` that gets its calls one by one, so that the cost of each
// can be measured.
import { ftl } from "./bench.ts";

/** A console session whose gates stay open. */
export class Session implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  /**
   * Starts `ftl console` with options. It contacts no host yet.
   *
   * @param options `ftl`: the command line of ftl, by default from source
   */
  constructor(
    flags: readonly string[],
    home: string,
    { ftl: words = ftl(), env = {} }: {
      ftl?: readonly string[];
      env?: Record<string, string>;
    } = {},
  ) {
    const [program, ...args] = words;
    this.#child = new Deno.Command(program!, {
      args: [...args, "console", "--format", "ndjson", ...flags],
      env: { FTL_HOME: home, ...env },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Runs one line on all hosts, and returns its duration in milliseconds.
   *
   * @throws {Error} unless it succeeded on every host.
   */
  async call(line: string): Promise<number> {
    const began = performance.now();
    await this.#input.write(new TextEncoder().encode(line + "\n"));
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`The console ended at ${line}`);
      const event = JSON.parse(value);
      if (event.event === "result" && event.error !== null) {
        throw new Error(`${event.host}: ${event.error.message}`);
      }
      if (event.event === "run_end") {
        const { hosts, ok, changed } = event.summary;
        if (hosts !== ok + changed) throw new Error(`${line}: ${value}`);
        return performance.now() - began;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    // After an error it may still have much to say.
    while (!(await this.#lines.next()).done);
    await this.#child.status;
  }
}

async function* linesOf(bytes: ReadableStream<Uint8Array>) {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
