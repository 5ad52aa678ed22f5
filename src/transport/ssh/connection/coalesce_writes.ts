// ssh2 writes each packet in three pieces: the length, the body and the MAC. Each
// would be a system call and, without Nagle's algorithm, a TCP segment. The pieces
// that are written in one turn of the event loop are sent as one.
import type { Duplex } from "node:stream";

/** Holds the writes to a stream until the current turn ends. */
export function coalesceWrites<T extends Duplex>(stream: T): T {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isHeld = false;
  const release = () => {
    isHeld = false;
    stream.uncork();
  };
  stream.write = (...args: unknown[]) => {
    if (!isHeld) {
      isHeld = true;
      stream.cork();
      queueMicrotask(release);
    }
    return write(...args);
  };
  return stream;
}
