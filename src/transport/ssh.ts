// Connections by SSH, made by ssh2 in this process. Loading it takes a while:
// reach this file by a dynamic import, when a connection is wanted.
import { join } from "@std/path";
import { Client } from "ssh2";
import type { Phase } from "../errors.ts";
import type { KnownHosts } from "./known_hosts.ts";
import { appendKnownHost } from "./known_hosts_file.ts";
import { Places } from "./places.ts";
import { SharedAgent } from "./ssh/agent.ts";
import { cipherList, hostKeyList } from "./ssh/algorithms.ts";
import { SshConnection } from "./ssh/connection.ts";
import { Deadline } from "./ssh/deadline.ts";
import { dialTcp } from "./ssh/dial.ts";
import { cannotConnect, isDrop, timedOut } from "./ssh/errors.ts";
import { type HostKeyPolicy, judgeHostKey } from "./ssh/host_key.ts";
import { IdentitySource } from "./ssh/identities.ts";
import { type AskPassphrase, KeyFiles } from "./ssh/key_files.ts";
import { Login } from "./ssh/login.ts";
import type {
  Connection,
  Endpoint,
  OpenOptions,
  Transport,
} from "./transport.ts";

export { type KnownHosts, parseKnownHosts } from "./known_hosts.ts";
export { readKnownHosts } from "./known_hosts_file.ts";
export type { AskPassphrase, HostKeyPolicy };

/** What all SSH connections of a run have in common. */
export interface SshOptions {
  /** The keys that hosts are known by; see `readKnownHosts()`. */
  knownHosts: KnownHosts;
  /** What to do about a host that they do not know. Default: `"check"`. */
  hostKeys?: HostKeyPolicy;
  /** Where `accept-new` writes a new key. Default: `~/.ssh/known_hosts`. */
  knownHostsFile?: string;
  /** From name to authenticated, in milliseconds. Default: 10 000. */
  connectTimeoutMs?: number;
  /** Handshakes in flight with one address and port. Default: 8. */
  handshakesPerEndpoint?: number;
  /** Handshakes in flight in all. Default: 50. */
  handshakes?: number;
  /** The agent's socket; `""` for none. Default: `SSH_AUTH_SOCK`. */
  agentSocket?: string;
  /** Asks for the passphrase of a key file. Default: nobody is asked. */
  passphrase?: AskPassphrase;
  /** The folder that holds `.ssh`. Default: `HOME`. */
  home?: string;
}

/** How often a server that drops us before the handshake is tried. */
const ATTEMPTS = 8;

/** A host that has sent nothing for this long, three times, is lost. */
const KEEPALIVE_MS = 15_000;

/** Makes the transport for hosts that are reached by SSH. */
export function createSshTransport(options: SshOptions): Transport {
  return new SshTransport(options);
}

interface Attempt {
  readonly deadline: Deadline;
  /** Told as each phase begins. */
  readonly onPhase: (phase: Phase) => void;
}

class SshTransport implements Transport {
  readonly #options: SshOptions;
  readonly #home: string;
  readonly #timeoutMs: number;
  readonly #places: Places;
  readonly #agent: SharedAgent | undefined;
  readonly #source: IdentitySource;
  readonly #connections = new Set<Connection>();
  readonly #closing = new AbortController();

  constructor(options: SshOptions) {
    this.#options = options;
    this.#home = options.home ?? Deno.env.get("HOME") ?? "/";
    this.#timeoutMs = options.connectTimeoutMs ?? 10_000;
    this.#places = new Places({
      perKey: options.handshakesPerEndpoint ?? 8,
      total: options.handshakes ?? 50,
    });
    const socket = options.agentSocket ?? Deno.env.get("SSH_AUTH_SOCK") ?? "";
    this.#agent = socket === "" ? undefined : new SharedAgent(socket);
    this.#source = new IdentitySource({
      agent: this.#agent,
      files: new KeyFiles(options.passphrase),
      home: this.#home,
    });
  }

  async open(
    endpoint: Endpoint,
    { signal, onPhase }: OpenOptions,
  ): Promise<Connection> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const { address, port } = endpoint;
    const release = await this.#places.acquire(`${address} ${port}`, ended);
    const deadline = new Deadline(this.#timeoutMs, ended);
    try {
      return await this.#tryRepeatedly(endpoint, {
        deadline,
        onPhase: (phase) => onPhase?.(phase),
      });
    } finally {
      deadline.stop();
      release();
    }
  }

  close(): void {
    this.#closing.abort(new Error("The transport was closed"));
    for (const connection of this.#connections) connection.close();
    this.#agent?.close();
  }

  async #tryRepeatedly(
    endpoint: Endpoint,
    { deadline, onPhase }: Attempt,
  ): Promise<Connection> {
    for (let attempts = 1;; attempts++) {
      let phase: Phase = "resolve";
      try {
        return await this.#tryOnce(endpoint, {
          deadline,
          onPhase: (next) => {
            phase = next;
            onPhase(next);
          },
        });
      } catch (error) {
        const { signal } = deadline;
        if (signal.aborted && !deadline.expired) throw signal.reason;
        if (deadline.expired) {
          throw timedOut({ endpoint, phase, timeoutMs: this.#timeoutMs });
        }
        const again = attempts < ATTEMPTS && isDrop(error, phase);
        if (again) await pauseBefore(attempts, signal);
        if (!again || signal.aborted) {
          throw cannotConnect(error, { endpoint, phase, attempts });
        }
      }
    }
  }

  async #tryOnce(
    endpoint: Endpoint,
    { deadline, onPhase }: Attempt,
  ): Promise<Connection> {
    const { signal } = deadline;
    const { name, address, port, user } = endpoint;
    const { knownHosts } = this.#options;
    const carrier = await dialTcp(address, { port, signal, onPhase });
    const login = new Login(endpoint, { source: this.#source, deadline });
    const client = new Client();
    let entered = false;
    let noted: Promise<void> | undefined;
    const connection = await new Promise<Connection>((resolve, reject) => {
      const fail = (error: unknown) => {
        signal.removeEventListener("abort", abort);
        carrier.destroy();
        reject(error);
      };
      const abort = () => fail(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      client.on("error", (error) => {
        if (isPassing(error)) login.note(error);
        else fail(login.over ? login.failure(error) : error);
      });
      client.once("close", () => fail(new Error("Connection lost")));
      client.once("handshake", () => onPhase("auth"));
      client.once("ready", () => {
        signal.removeEventListener("abort", abort);
        entered = true;
        resolve(new SshConnection(name, client, carrier));
      });
      client.connect({
        sock: carrier,
        username: user,
        readyTimeout: 0,
        keepaliveInterval: KEEPALIVE_MS,
        algorithms: {
          cipher: cipherList(),
          serverHostKey: hostKeyList(knownHosts.keyTypes(address, port)),
        },
        authHandler: login.handler(),
        // Returns nothing: ssh2 takes a promise for consent.
        hostVerifier: (key: Uint8Array, verify: (trusted: boolean) => void) => {
          if (!entered) onPhase("hostkey"); // not when keys are renewed
          try {
            noted = this.#judge(endpoint, key);
            verify(true);
          } catch (error) {
            fail(error);
            verify(false);
          }
        },
      });
    });
    await noted;
    this.#connections.add(connection);
    connection.closed.then(() => this.#connections.delete(connection));
    return connection;
  }

  /** Throws unless the key is to be trusted; a new one is noted down. */
  #judge(endpoint: Endpoint, key: Uint8Array): Promise<void> | undefined {
    const { knownHosts, hostKeys: policy = "check" } = this.#options;
    const line = judgeHostKey(endpoint, key, { knownHosts, policy });
    if (line === undefined) return undefined;
    const file = this.#options.knownHostsFile ??
      join(this.#home, ".ssh", "known_hosts");
    knownHosts.add(line, file, 0);
    return appendKnownHost(file, line);
  }
}

/** True for an error after which ssh2 goes on to the next way of logging in. */
function isPassing(error: Error & { level?: string }): boolean {
  return error.level === "agent";
}

/** Waits longer each time, and never as long as somebody else does. */
function pauseBefore(attempts: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(100 * 1.6 ** attempts, 800);
  const ms = longest * (0.5 + Math.random() / 2);
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
