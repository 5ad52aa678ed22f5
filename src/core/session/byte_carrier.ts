// What carries the bytes of messages: a socket, or the pipes to another process.

/** Bytes both ways. */
export interface ByteCarrier {
  /** The next bytes, valid until the next call; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Writes some of the bytes; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** @throws when the other end was faster. */
  close(): void;
}

/** How much is read at a time. */
const READ_BYTES = 64 * 1024;

/** Carries bytes on a socket. */
export function socketCarrier(socket: Deno.Conn): ByteCarrier {
  return fileCarrier({ from: socket, to: socket, close: () => socket.close() });
}

/**
 * Carries bytes on the standard input and output of this process, which are pipes.
 * Deno reads and writes its own with a thread for each of them, at twice the cost.
 */
export async function stdioCarrier(): Promise<ByteCarrier> {
  const { Socket } = await import("node:net");
  const input = new Socket({ fd: 0, readable: true, writable: false });
  const output = new Socket({ fd: 1, readable: false, writable: true });
  output.on("error", () => {}); // each write rejects
  const chunks: AsyncIterator<Uint8Array> = input[Symbol.asyncIterator]();
  return {
    read: async () => (await chunks.next()).value,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        output.write(bytes, (error) => {
          if (error) reject(error);
          else resolve(bytes.length);
        });
      }),
    close() {
      output.destroy();
      input.destroy();
    },
  };
}

/** Carries bytes on the standard input and output of a child process. */
export function childCarrier(
  { stdin, stdout }: Pick<Deno.ChildProcess, "stdin" | "stdout">,
): ByteCarrier {
  const writer = stdin.getWriter();
  // Into one buffer: the runtime would make one of this size for each read.
  const reader = stdout.getReader({ mode: "byob" });
  let buffer = new Uint8Array(READ_BYTES);
  return {
    async read() {
      const { value, done } = await reader.read(buffer);
      if (done) return undefined;
      buffer = new Uint8Array(value.buffer);
      return value;
    },
    async write(bytes) {
      await writer.write(bytes);
      return bytes.length;
    },
    close() {
      writer.close().catch(() => {}); // the child has closed it
      reader.cancel().catch(() => {});
    },
  };
}

function fileCarrier(
  { from, to, close }: {
    from: Pick<Deno.Conn, "read">;
    to: Pick<Deno.Conn, "write">;
    close: () => void;
  },
): ByteCarrier {
  const buffer = new Uint8Array(READ_BYTES);
  return {
    async read() {
      const count = await from.read(buffer);
      return count === null ? undefined : buffer.subarray(0, count);
    },
    write: (bytes) => to.write(bytes),
    close,
  };
}
