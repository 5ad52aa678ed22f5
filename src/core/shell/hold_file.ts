// Puts a file into the memory of a host, where nothing of ours may be on a disk. A
// process of Python holds it, on a Stream of its own: the end of its stdin, and so
// the end of the connection, removes it.
import { Deadline } from "../../async/deadline.ts";
import { CallError, GateError } from "../../errors.ts";
import { blankComments } from "../../gate/format/blank_comments.ts";
import { GateOutput } from "../../gate/open/gate_output.ts";
import { explainNoGate } from "../../gate/open/open_errors.ts";
import { OpeningLines } from "../../gate/open/opening_lines.ts";
import { execPython, pythonsToTry } from "../../gate/open/python_command.ts";
import type { Connection, StreamInput } from "../../transport/transport.ts";
import source from "./hold_file.py" with { type: "text" };

/** A file for the memory of a host. */
export interface Holding {
  content: ReadableStream<Uint8Array>;
  /** In bytes; any other length of the content is an error. */
  size: number;
  /** A file that can be executed is in no folder: nothing can find its own name. */
  mode: number;
  /** The interpreter. Default: the first that is found. */
  python: string | undefined;
  signal: AbortSignal;
}

/** A file in the memory of a host. */
export interface HeldFile {
  readonly path: string;
  /** Removes it. */
  release(): void;
}

/**
 * Holds a file in the memory of a host.
 *
 * @throws {GateError} when the host has no Python.
 * @throws {CallError} when it cannot hold it.
 * @throws {ConnectError} when the connection is lost.
 */
export async function holdFile(
  connection: Connection,
  { content, size, mode, python, signal }: Holding,
): Promise<HeldFile> {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const rest = `-c $c ${nonce} ${size} ${mode}`;
  const command = `exec /bin/sh -c 'set -f;IFS=;t=ftl-${nonce};read -r c;` +
    "[ -O $HOME ]||export PYTHONNOUSERSITE=1;" +
    `${execPython(pythonsToTry(python), rest)}echo $t-nopython'`;
  const stream = await connection.exec(command, { signal });
  const deadline = new Deadline(signal);
  const output = new GateOutput(stream);
  const release = () => {
    output.input.end();
    stream.close();
  };
  try {
    const line = `exec(${JSON.stringify(blankComments(source))})\n`;
    const written = write(output.input, line, { content, size, deadline });
    written.catch(() => {}); // awaited below
    const lines = new OpeningLines(nonce, "path");
    for (;;) {
      const chunk = await deadline.race(output.read());
      if (chunk === undefined) {
        await written;
        const { noise } = lines;
        throw explainNoGate({ noise, ...await output.end() }, "call");
      }
      for (const { word, text } of lines.push(chunk)) {
        if (word === "path") return { path: text, release };
        throw word === "nopython"
          ? new GateError("Cannot hold a file in memory: no Python was found", {
            phase: "python",
          })
          : new CallError(
            `Cannot hold a file in the host's memory: ${text || word}`,
            { hint: "Allow files of ftl on the disks of this host" },
          );
      }
    }
  } catch (error) {
    release();
    throw error;
  } finally {
    deadline.clear();
  }
}

/** Writes the first line and the content. Throws errors of the content only. */
async function write(
  input: StreamInput,
  line: string,
  { content, size, deadline }: {
    content: ReadableStream<Uint8Array>;
    size: number;
    deadline: Deadline;
  },
): Promise<void> {
  const send = async (chunk: Uint8Array) => {
    try {
      await input.write(chunk);
      return false;
    } catch {
      return true; // its end is told by the output
    }
  };
  let isBroken = await send(new TextEncoder().encode(line));
  let left = size;
  for await (const chunk of content) {
    left -= chunk.length;
    if (isBroken || left < 0) break;
    isBroken = await deadline.race(send(chunk));
  }
  if (left === 0 || isBroken) return;
  input.end(); // the host waits for the rest
  throw new CallError("Cannot send the file: it changed while it was read");
}
