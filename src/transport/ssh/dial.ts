// A byte stream to a host's SSH server by TCP. What else can carry one (another
// connection, a command) only has to return a stream of the same kind.
import { isIP, Socket } from "node:net";
import type { Phase } from "../../errors.ts";

/** Where to, and what to obey. */
export interface DialOptions {
  readonly port: number;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: Phase) => void;
}

/**
 * Connects to a server; tells the phases `resolve` and `connect`. Rejects with
 * the signal's reason, or with the error of node:net, untranslated.
 */
export function dialTcp(
  address: string,
  { port, signal, onPhase }: DialOptions,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = new Socket();
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    onPhase(isIP(address) === 0 ? "resolve" : "connect");
    socket.once("lookup", (error) => error ?? onPhase("connect"));
    socket.once("error", fail);
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.off("error", fail);
      // Without this a handshake waits four times for a delayed ACK.
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.connect({ host: address, port });
  });
}
