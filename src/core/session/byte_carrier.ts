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

/** Carries bytes on the standard input and output of this process. */
export function stdioCarrier(): ByteCarrier {
  const { stdin, stdout } = Deno;
  return fileCarrier({
    from: stdin,
    to: stdout,
    close() {
      stdout.close();
      stdin.close();
    },
  });
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
