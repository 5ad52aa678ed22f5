// A worker: a session of one run, on the standard input and output of its process.
// It holds connections and gates, reads nothing that the run decides on, and writes
// nothing to disk except new lines of known_hosts.
import { within } from "../../async/deadline.ts";
import { clientMemory } from "../session/host_memory.ts";
import type { ByteCarrier } from "../session/byte_carrier.ts";
import { MessageSocket } from "../session/message_socket.ts";
import { type ClientHello, whyRefused } from "../session/session_messages.ts";
import { SessionUser } from "../session/session_user.ts";
import { SharedHosts } from "../session/shared_hosts.ts";
import { GATHER_MS } from "./worker_word.ts";

/** A worker's settings. */
export interface WorkerOptions {
  readonly carrier: ByteCarrier;
  readonly ftl: string;
  /** Identifies the program; a run of another one is refused. */
  readonly build: string;
  /** Ends the worker in order. */
  readonly signal: AbortSignal;
}

/**
 * Serves a run until it says `Quit`.
 *
 * @returns false when the run ended without `Quit`, or said what cannot be read. Its
 *   calls were not cancelled: the hosts must see the same as when a process that held
 *   them itself ends.
 */
export async function runWorker(
  { carrier, ftl, build, signal }: WorkerOptions,
): Promise<boolean> {
  const socket = new MessageSocket(carrier, { gatherMs: GATHER_MS });
  const hosts = new SharedHosts(clientMemory(), { room: () => socket.room() });
  let user: SessionUser | undefined;
  const end = async () => {
    await user?.leave();
    await hosts.close();
    user?.opener.close();
  };
  signal.addEventListener("abort", async () => {
    await end();
    // A run that reads no more does not keep it.
    await within(socket.flushed(), { ms: 1_000, instead: undefined });
    socket.close();
  });
  try {
    for await (const message of socket.messages()) {
      const { type, data } = message;
      if (type === "Quit") {
        await end();
        await socket.flushed();
        return true;
      }
      if (user !== undefined) user.take(message);
      else {
        const hello = data as unknown as ClientHello;
        const why = whyRefused(hello, { ftl, build, token: "" });
        if (why !== undefined) {
          socket.send("Refused", { why });
          await socket.flushed();
          return true;
        }
        user = new SessionUser({
          ...{ socket, hello, hosts },
          environment: "",
          onCall: () => {},
        });
        socket.send("Hello", { ftl, build, pid: Deno.pid });
      }
    }
  } catch {
    // The run tells its user that it has lost this worker.
    return false;
  }
  return signal.aborted;
}
