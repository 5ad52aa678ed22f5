// ssh2 writes each packet in three pieces, a length, the rest and a code of
// authentication. Each would be a system call and, as Nagle's algorithm is off,
// a segment of TCP. Written in one turn they go as one.
import type { Duplex } from "node:stream";

/** Holds what is written to a stream until the current turn ends. */
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
