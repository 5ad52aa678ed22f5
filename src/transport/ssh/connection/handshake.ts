// From a byte stream to a logged-in client. The host gets the user's name and keys
// only after its own key was accepted.
import type { Duplex } from "node:stream";
import { LONGEST_MS } from "../../../async/timer.ts";
import { messageOf, type Phase } from "../../../errors.ts";
import { type Endpoint, SSH_DEFAULTS } from "../../transport.ts";
import { offeredAlgorithms } from "./algorithms.ts";
import { watchGreeting } from "./greeting.ts";
import type { HostKeyJudge } from "../host_key/host_keys.ts";
import { type Login, LOST } from "../login/login.ts";
import { guardClient } from "../guard/guard_client.ts";
import {
  type AuthHandlerMiddleware,
  Client,
  type NegotiatedAlgorithms,
} from "../library/ssh2.ts";
import type { WireGuard } from "../guard/wire_guard.ts";

/** How to connect and log in. */
export interface HandshakeOptions {
  readonly endpoint: Endpoint;
  readonly login: Login;
  readonly hostKey: HostKeyJudge;
  readonly keepaliveMs: number;
  readonly signal: AbortSignal;
  /** Called when the phases `hostkey` and `auth` start. */
  readonly onPhase: (phase: Phase) => void;
  /** Called with the line that a host sends instead of SSH; empty for SSH. */
  readonly onGreeting: (line: string) => void;
  /** Called with what both sides agreed on, at each exchange of keys. */
  readonly onNegotiated: (agreed: NegotiatedAlgorithms) => void;
}

const EXPIRED = "the password has expired and must be changed";

/**
 * Connects by SSH and logs in. Rejects with the error that ended the attempt,
 * untranslated up to the login; the stream is then destroyed.
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
    /** Dropped after the login, with all that it holds. */
    let authenticate: AuthHandlerMiddleware | undefined = login.handler({
      fail: (error) => fail(error),
      signatureAlgorithms: () => guard?.signatureAlgorithms,
    });
    const enter = (next: Phase) => onPhase(phase = next);
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", abort);
      carrier.destroy();
      const theirs = guard?.listIn(messageOf(error));
      if (theirs !== undefined) Object.assign(error as Error, { theirs });
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
      if (isRecoverable(error)) login.note(error);
      else fail(error);
    });
    client.once("close", () => fail(new Error(LOST)));
    client.once("change password", () => fail(new Error(EXPIRED)));
    client.on("banner", (text) => login.bannerReceived(text));
    client.on("handshake", options.onNegotiated);
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
      authenticate = undefined;
      resolve(client);
    });
    client.connect({
      sock: carrier,
      username: endpoint.user,
      readyTimeout: 0, // the signal has the deadline
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
      authHandler: (...args) => authenticate?.(...args),
      // Returns nothing: ssh2 would take a promise for consent.
      hostVerifier: (key: Uint8Array, verify: (trusted: boolean) => void) => {
        if (phase === "connect") enter("hostkey"); // not when keys are exchanged again
        try {
          if (!guard?.sawKey(key)) throw new Error("the key was not checked");
          hostKey.judge(key);
          verify(true);
        } catch (error) {
          phase = "hostkey"; // also when keys are exchanged again
          client.emit("error", error); // to `fail`, or to the connection later
          verify(false);
        }
      },
    });
    watchGreeting(carrier, options.onGreeting); // ssh2 has paused the carrier
    try {
      guard = guardClient(client, {
        carrier,
        isExpected: () => login.isExpected,
      });
    } catch (error) {
      fail(error);
    }
  });
}

/** True for an error after which ssh2 tries the next authentication method. */
function isRecoverable(error: Error & { level?: string }): boolean {
  return error.level === "agent" || error.message.startsWith("Error signing");
}
