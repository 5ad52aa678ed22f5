// From a byte stream to a client that the host has let in. The user's name and
// keys are shown only to a host whose own key has been judged.
import type { Duplex } from "node:stream";
import { LONGEST_MS } from "../../async/timer.ts";
import type { Phase } from "../../errors.ts";
import { type Endpoint, SSH_DEFAULTS } from "../transport.ts";
import { offeredAlgorithms } from "./algorithms.ts";
import { hearGreeting } from "./greeting.ts";
import type { HostKeyJudge } from "./host_keys.ts";
import { type Login, LOST } from "./login.ts";
import { guardClient } from "./guard_client.ts";
import { Client } from "./ssh2.ts";
import type { WireGuard } from "./wire_guard.ts";

/** What a handshake needs to know. */
export interface HandshakeOptions {
  readonly endpoint: Endpoint;
  readonly login: Login;
  readonly hostKey: HostKeyJudge;
  readonly keepaliveMs: number;
  readonly signal: AbortSignal;
  /** Told as the phases `hostkey` and `auth` begin. */
  readonly onPhase: (phase: Phase) => void;
  /** Told what the host says instead of speaking SSH; empty when it does. */
  readonly onGreeting: (line: string) => void;
}

const EXPIRED = "the password has expired and must be changed";

/**
 * Shakes hands and logs in. Rejects with what ended the attempt, untranslated
 * up to the login; the stream is destroyed then.
 */
export function handshake(
  carrier: Duplex,
  options: HandshakeOptions,
): Promise<Client> {
  const { endpoint, login, hostKey, signal, onPhase } = options;
  const client = new Client();
  return new Promise((resolve, reject) => {
    let phase: Phase = "connect";
    let guard: WireGuard | undefined;
    const enter = (next: Phase) => onPhase(phase = next);
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", abort);
      carrier.destroy();
      reject(phase === "auth" ? login.failure(error) : error);
    };
    const abort = () => {
      login.abandon();
      carrier.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    client.on("error", (error) => {
      if (isPassing(error)) login.note(error);
      else fail(error);
    });
    client.once("close", () => fail(new Error(LOST)));
    client.once("change password", () => fail(new Error(EXPIRED)));
    client.on("banner", (text) => login.heard(text));
    client.once("handshake", () => { // the host's signature was verified
      try {
        hostKey.signatureVerified();
        enter("auth");
      } catch (error) {
        fail(error);
      }
    });
    client.once("ready", () => {
      signal.removeEventListener("abort", abort);
      login.succeeded();
      resolve(client);
    });
    client.connect({
      sock: carrier,
      username: endpoint.user,
      readyTimeout: 0, // the signal says when the time is over
      keepaliveInterval: Math.min(
        endpoint.ssh?.keepaliveMs ?? options.keepaliveMs,
        LONGEST_MS,
      ),
      keepaliveCountMax: endpoint.ssh?.keepaliveCount ??
        SSH_DEFAULTS.keepaliveCount,
      algorithms: offeredAlgorithms(
        hostKey.knownTypes,
        endpoint.ssh?.algorithms,
      ),
      authHandler: login.handler(fail),
      // Returns nothing: ssh2 takes a promise for consent.
      hostVerifier: (key: Uint8Array, verify: (trusted: boolean) => void) => {
        if (phase === "connect") enter("hostkey"); // not when keys are renewed
        try {
          if (!guard?.sawKey(key)) throw new Error("the key was not checked");
          hostKey.judge(key);
          verify(true);
        } catch (error) {
          phase = "hostkey"; // also when keys are exchanged again
          client.emit("error", error); // `fail`, and whoever uses the client
          verify(false);
        }
      },
    });
    hearGreeting(carrier, options.onGreeting); // ssh2 has paused the carrier
    try {
      guard = guardClient(client, carrier);
    } catch (error) {
      fail(error);
    }
  });
}

/** True for an error after which ssh2 goes on to the next way of logging in. */
function isPassing(error: Error & { level?: string }): boolean {
  return error.level === "agent" || error.message.startsWith("Error signing");
}
