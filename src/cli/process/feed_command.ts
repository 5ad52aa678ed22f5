// A command of this machine that reads results: `:last | jq .`. Its outputs are
// ours; the user's shell environment is its own.
import { FtlError } from "../../errors.ts";

/** Where the command's outputs go. */
export interface CommandOutputs {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Runs a command with a text on its stdin, and writes what it prints.
 *
 * @throws {FtlError} when it fails.
 */
export async function feedCommand(
  command: string,
  text: string,
  { context, signal }: {
    context: CommandOutputs;
    signal: AbortSignal;
  },
): Promise<void> {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", command],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const copy = async (
    from: ReadableStream<Uint8Array>,
    write: (text: string) => void,
  ) => {
    for await (const part of from.pipeThrough(new TextDecoderStream())) {
      write(part);
    }
  };
  const [{ code, success }] = await Promise.all([
    child.status,
    copy(child.stdout, context.out),
    copy(child.stderr, context.err),
    // A command that reads only a part, as `head` does, has not failed.
    new Blob([text]).stream().pipeTo(child.stdin).catch(() => {}),
  ]);
  if (success || signal.aborted) return;
  throw new FtlError(`The command ended with status ${code}: ${command}`);
}
