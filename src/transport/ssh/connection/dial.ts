// A byte stream to an SSH server over TCP. Other carriers (a bastion, a proxy
// command) return the same kind of stream.
import { isIP, Socket } from "node:net";
import type { Phase } from "../../../errors.ts";

/** How to connect. */
export interface DialOptions {
  readonly port: number;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: Phase) => void;
  /** Waits until a name may be looked up. Default: it may. */
  readonly lookUp?: () => Promise<void>;
}

/**
 * Connects to a server and reports the phases `resolve` and `connect`. Rejects
 * with the signal's reason, or with the untranslated error of node:net.
 */
export async function dialTcp(
  address: string,
  { port, signal, onPhase, lookUp }: DialOptions,
): Promise<Socket> {
  if (isIP(address) === 0) await lookUp?.();
  return await new Promise((resolve, reject) => {
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
    const found = (error: Error | null) => error ?? onPhase("connect");
    socket.once("lookup", found);
    socket.once("error", fail);
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.off("error", fail).off("lookup", found); // not called for an address
      // Otherwise a handshake waits for a delayed ACK four times.
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.connect({ host: address, port });
  });
}
