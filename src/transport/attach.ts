// Takes the outputs of a command as they come, from every transport.
import type {
  OutputName,
  OutputTaker,
  Stream,
  StreamInput,
} from "./transport.ts";

/**
 * Gives the outputs of a command to `taker`, and returns its input. Nothing else may
 * use the streams of the command.
 */
export function attach(stream: Stream, taker: OutputTaker): StreamInput {
  if (stream.attach !== undefined) return stream.attach(taker);
  void pass(stream, "stdout", taker);
  void pass(stream, "stderr", taker);
  const writer = stream.stdin.getWriter();
  writer.closed.catch(() => {}); // a write reports it
  return {
    write: (bytes) => writer.write(bytes),
    end: () => void writer.close().catch(() => {}), // it is already broken
  };
}

async function pass(
  stream: Stream,
  output: OutputName,
  taker: OutputTaker,
): Promise<void> {
  try {
    for await (const chunk of stream[output]) await taker.take(output, chunk);
  } catch {
    // A broken stream counts as ended; `exit` tells how.
  }
  taker.ended(output);
}
