// The process as the commands see it: two outputs, an input, the environment,
// and the interrupt. Tests give their own.

/** What a command may touch of the process it runs in. */
export interface Context {
  /** Writes results. */
  out(text: string): void;
  /** Writes progress and diagnostics. */
  err(text: string): void;
  /** The text of stdin, to its end. */
  readInput(): Promise<string>;
  /** The lines of stdin, as they come. */
  inputLines(): AsyncIterable<string>;
  env(name: string): string | undefined;
  readonly isTerminal: { in: boolean; out: boolean; err: boolean };
  /** The width of the terminal, in columns; 80 when there is none. */
  readonly columns: number;
  /** Aborted by ^C, TERM and HUP. */
  readonly signal: AbortSignal;
}

/** The process's own. */
export function processContext(signal: AbortSignal): Context {
  return {
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
    readInput: () => new Response(Deno.stdin.readable).text(),
    inputLines,
    env: (name) => Deno.env.get(name),
    isTerminal: {
      in: Deno.stdin.isTerminal(),
      out: Deno.stdout.isTerminal(),
      err: Deno.stderr.isTerminal(),
    },
    get columns() {
      try {
        return Deno.consoleSize().columns;
      } catch {
        return 80; // no output is a terminal
      }
    },
    signal,
  };
}

const encoder = new TextEncoder();

function writeAll(file: { writeSync(data: Uint8Array): number }, text: string) {
  let rest = encoder.encode(text);
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
}

async function* inputLines(): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
