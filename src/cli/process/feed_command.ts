// A command of this machine that reads results: `:last | less`. In a terminal it has
// the terminal to itself, as after `|` in a shell; elsewhere its outputs are ours.
import type { HandOver } from "../../console/terminal/lent_terminal.ts";
import { startFolder } from "../../disk/start_folder.ts";
import { FtlError } from "../../errors.ts";

/** Where a command's outputs go, and what ends it. */
export interface FeedOptions {
  readonly context: {
    out(text: string): void;
    err(text: string): void;
  };
  readonly signal: AbortSignal;
  /** Hands the terminal to the command. Default: it has none. */
  readonly handOver?: HandOver | undefined;
}

/**
 * Runs a command with a text on its stdin, and shows what it prints.
 *
 * @throws {FtlError} when it fails.
 */
export async function feedCommand(
  command: string,
  text: string,
  { context, signal, handOver }: FeedOptions,
): Promise<void> {
  const start = (outputs: "inherit" | "piped") =>
    new Deno.Command("/bin/sh", {
      ...startFolder(),
      args: ["-c", command],
      stdin: "piped",
      stdout: outputs,
      stderr: outputs,
      signal,
    }).spawn();
  const feed = async (child: Deno.ChildProcess) => {
    // A command that reads only a part, as `head` does, has not failed.
    await new Blob([text]).stream().pipeTo(child.stdin).catch(() => {});
    return (await child.status).code;
  };
  const run = async () => {
    if (handOver !== undefined) {
      return await handOver(() => feed(start("inherit")));
    }
    const child = start("piped");
    const [code] = await Promise.all([
      feed(child),
      copy(child.stdout, context.out),
      copy(child.stderr, context.err),
    ]);
    return code;
  };
  const code = await run();
  if (code === 0 || signal.aborted) return;
  throw new FtlError(`The command ended with status ${code}: ${command}`);
}

async function copy(
  from: ReadableStream<Uint8Array>,
  write: (text: string) => void,
): Promise<void> {
  for await (const part of from.pipeThrough(new TextDecoderStream())) {
    write(part);
  }
}
