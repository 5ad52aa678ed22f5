// From a byte stream to a logged-in client. The host gets the user's name and keys
// only after its own key was accepted.
import type { Duplex } from "node:stream";
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
  type ConnectConfig,
  type NegotiatedAlgorithms,
} from "../library/ssh2.ts";
import { internalsOf } from "../library/ssh2_internals.ts";
import { keepAlive } from "./ssh_keepalive.ts";
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
  /** Waits for the turn of a handshake, until the signal aborts. */
  readonly begin: (signal: AbortSignal) => Promise<void>;
  /** Called with the line that a host sends instead of SSH; empty for SSH. */
  readonly onGreeting: (line: string) => void;
  /** Called with what both sides agreed on, at the first exchange of keys. */
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
  const { endpoint, login, hostKey, signal, onPhase, begin } = options;
  const client = new Client();
  const keys = new KeyExchanges(client, hostKey);
  const failed = new AbortController();
  return new Promise((resolve, reject) => {
    let phase: Phase = "connect";
    const enter = (next: Phase) => onPhase(phase = next);
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", abort);
      failed.abort(error);
      carrier.destroy();
      const theirs = keys.guard?.listIn(messageOf(error));
      if (theirs !== undefined) Object.assign(error as Error, { theirs });
      reject(phase === "auth" ? login.failure(error) : error);
    };
    const abort = () => {
      login.abandon();
      failed.abort(signal.reason);
      carrier.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    keys.login = {
      authenticate: login.handler({
        fail,
        signatureAlgorithms: () => keys.guard?.signatureAlgorithms,
      }),
      isExpected: () => login.isExpected,
      onKey: () => {
        if (phase === "connect") enter("hostkey"); // not when keys are exchanged again
      },
      onRefused: () => phase = "hostkey", // also then
    };
    const onError = (error: Error) => {
      if (isRecoverable(error)) login.note(error);
      else fail(error);
    };
    const onClose = () => fail(new Error(LOST));
    const onExpiry = () => fail(new Error(EXPIRED));
    const onBanner = (text: string) => login.bannerReceived(text);
    client.on("error", onError);
    client.once("close", onClose);
    client.once("change password", onExpiry);
    client.on("banner", onBanner);
    client.once("handshake", options.onNegotiated);
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
      keys.login = undefined;
      keys.guard?.forgetLogin();
      endWithErrors(client, carrier);
      client.off("error", onError).off("close", onClose)
        .off("change password", onExpiry).off("banner", onBanner);
      keepAlive({
        client: internalsOf(client),
        carrier,
        wire: keys.guard!, // without it, no key was trusted
      }, {
        ms: endpoint.ssh?.keepaliveMs ?? options.keepaliveMs,
        count: endpoint.ssh?.keepaliveCount ?? SSH_DEFAULTS.keepaliveCount,
      });
      resolve(client);
    });
    const config: ConnectConfig = {
      sock: carrier,
      username: endpoint.user,
      readyTimeout: 0, // the signal has the deadline
      keepaliveInterval: 0, // ftl asks itself (ssh_keepalive.ts)
      algorithms: offeredAlgorithms(
        hostKey.knownTypes,
        endpoint.ssh?.algorithms,
      ),
      authHandler: keys.authenticate,
      hostVerifier: keys.judge,
    };
    client.connect(config);
    Object.assign(config, { algorithms: undefined }); // ssh2 keeps the object
    watchGreeting(carrier, options.onGreeting); // ssh2 has paused the carrier
    try {
      keys.guard = guardClient(client, {
        carrier,
        isExpected: keys.isExpected,
        turn: { wait: () => begin(failed.signal), signal: failed.signal },
      });
    } catch (error) {
      fail(error);
    }
  });
}

/** What the login needs of a client. */
interface LoginPart {
  readonly authenticate: AuthHandlerMiddleware;
  readonly isExpected: () => boolean;
  /** Called when the host has shown a key. */
  readonly onKey: () => void;
  /** Called when its key is not trusted. */
  readonly onRefused: () => void;
}

/**
 * What a client needs as long as it is connected: keys may be exchanged again. It does
 * not hold the login.
 */
class KeyExchanges {
  readonly #client: Client;
  readonly #hostKey: HostKeyJudge;
  guard: WireGuard | undefined;
  /** Undefined after the login. */
  login: LoginPart | undefined;

  constructor(client: Client, hostKey: HostKeyJudge) {
    this.#client = client;
    this.#hostKey = hostKey;
  }

  readonly authenticate: AuthHandlerMiddleware = (...args) =>
    this.login?.authenticate(...args);

  readonly isExpected = (): boolean => this.login?.isExpected() ?? false;

  /** Returns nothing: ssh2 would take a promise for consent. */
  readonly judge = (
    key: Uint8Array,
    verify: (isTrusted: boolean) => void,
  ): void => {
    this.login?.onKey();
    try {
      if (!this.guard?.sawKey(key)) throw new Error("the key was not checked");
      this.#hostKey.judge(key);
      verify(true);
    } catch (error) {
      this.login?.onRefused();
      this.#client.emit("error", error); // to the attempt, or to the connection later
      verify(false);
    }
  };
}

/** Every error after the login ends the connection. */
function endWithErrors(client: Client, carrier: Duplex): void {
  client.on("error", () => carrier.destroy());
}

/** True for an error after which ssh2 tries the next authentication method. */
function isRecoverable(error: Error & { level?: string }): boolean {
  return error.level === "agent" || error.message.startsWith("Error signing");
}
