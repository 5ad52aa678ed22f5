// Another program that reads the same inputs: started once, and asked batch by batch. A
// question is a line of JSON on its stdin, and so is its answer on its stdout.

/** A program that answers until this process ends. */
export class Oracle {
  readonly #command: readonly [string, ...string[]];
  #process:
    | {
      readonly writer: WritableStreamDefaultWriter<Uint8Array>;
      readonly lines: AsyncGenerator<string, void, void>;
    }
    | undefined;

  /** @param command The program and its arguments. It starts at the first question. */
  constructor(...command: [string, ...string[]]) {
    this.#command = command;
  }

  /**
   * Asks one question, after those before it.
   *
   * @throws {Error} when the program has ended.
   */
  async ask(question: unknown): Promise<unknown> {
    const { writer, lines } = this.#process ??= this.#start();
    await writer.write(
      new TextEncoder().encode(`${JSON.stringify(question)}\n`),
    );
    const { value } = await lines.next();
    if (value === undefined) {
      throw new Error(`${this.#command.join(" ")} has ended`);
    }
    return JSON.parse(value);
  }

  /** Ends the program, if it was started. */
  async end(): Promise<void> {
    await this.#process?.writer.close();
    await this.#process?.lines.next();
    this.#process = undefined;
  }

  #start() {
    const [program, ...args] = this.#command;
    const { stdin, stdout } = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    return { writer: stdin.getWriter(), lines: linesOf(stdout) };
  }
}

/** The lines of a stream of text, without their ends. */
export async function* linesOf(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, void> {
  let parts: string[] = [];
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const [first = "", ...others] = text.split("\n");
    parts.push(first);
    for (const other of others) {
      yield parts.join("");
      parts = [other];
    }
  }
}
