// Sessions for tests: in this process, in a folder of their own, with as many
// clients as a test needs.
import { join } from "@std/path";
import type { LinkSource } from "../../src/core/fleet/host_link.ts";
import { Window } from "../../src/core/fleet/window.ts";
import type { HostRoute } from "../../src/core/route/host_endpoint.ts";
import { SessionClient } from "../../src/core/session/session_client.ts";
import type { SessionPlace } from "../../src/core/session/session_folder.ts";
import { SessionPool } from "../../src/core/session/session_pool.ts";
import { runSession } from "../../src/core/session/session_server.ts";
import { NO_BECOME } from "../../src/inventory/connection/connection_settings.ts";
import type { Endpoint, Transport } from "../../src/transport/transport.ts";

/** How a session differs from the plain one. */
export interface SessionLabOptions {
  /** Default: a minute. */
  idleMs?: number;
  build?: string;
}

/** A running session. */
export class SessionLab implements AsyncDisposable {
  readonly place: SessionPlace;
  /** Resolves when it has ended. */
  readonly ended: Promise<boolean>;
  readonly #folder: string;
  readonly #stop = new AbortController();

  private constructor(folder: string, options: SessionLabOptions) {
    this.#folder = folder;
    const at = (kind: string) => join(folder, `lab.${kind}`);
    this.place = {
      name: "lab",
      socket: at("sock"),
      token: at("token"),
      lock: at("lock"),
    };
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.ended = runSession({
      place: this.place,
      ftl: "1",
      build: options.build ?? "b",
      idleMs: options.idleMs ?? 60_000,
      environment: "e",
    }, { onReady: ready.resolve, signal: this.#stop.signal });
  }

  readonly ready: Promise<void>;

  static async start(options: SessionLabOptions = {}): Promise<SessionLab> {
    const folder = await Deno.makeTempDir({ prefix: "ftl-session-" });
    const lab = new SessionLab(folder, options);
    await lab.ready;
    return lab;
  }

  /** One more client. */
  async client(
    { build = "b", token }: { build?: string; token?: string } = {},
  ): Promise<SessionClient> {
    return await SessionClient.connect("lab", {
      socket: this.place.socket,
      hello: {
        ftl: "1",
        build,
        token: token ?? await Deno.readTextFile(this.place.token),
        agentSocket: "",
        asks: { passphrase: false, answer: false, alone: false },
      },
    });
  }

  /** The links of one more client, which opens hosts in the session. */
  async pool(
    { keeps = true, onLost = () => {} }: {
      keeps?: boolean;
      onLost?: () => void;
    } = {},
  ): Promise<SessionPool> {
    const client = await this.client();
    return new SessionPool({
      clients: [client],
      keeper: keeps ? client : undefined,
      environment: "e",
      onLost,
    });
  }

  /** Ends the session as TERM does. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A transport whose connections are a session's, or those of workers. */
export function sessionTransport(
  pool: LinkSource,
  password?: string,
): Transport {
  const window = new Window(Number.MAX_SAFE_INTEGER);
  pool.serve({
    ssh: {},
    password: () => Promise.resolve(password),
    endpointOf: (name) => ({ name }) as Endpoint,
    mayNeedPassword: () => password !== undefined,
    onFallback: () => {},
    secrets: new Set(),
  });
  return {
    async open(endpoint, { signal, onPhase = () => {} }) {
      signal.throwIfAborted();
      const route = routeOf(endpoint);
      await pool.find([route], "kill");
      const link = pool.link(route, {
        archive: () => Promise.reject(new Error("No gate is needed")),
        retries: 0,
        linkLoss: "kill",
        window,
      })!;
      const listener = (phase?: Parameters<typeof onPhase>[0]) => {
        if (phase !== undefined) onPhase(phase);
      };
      link.join(listener);
      try {
        return await link.account().connection(signal);
      } catch (error) {
        link.leave(listener, { keepOpen: false });
        throw error;
      }
    },
    close: () => void pool.close(),
  };
}

function routeOf(endpoint: Endpoint): HostRoute {
  return {
    endpoint,
    python: undefined,
    inMemory: false,
    password: undefined,
    become: NO_BECOME,
    ignored: [],
    reason: undefined,
    mayFallBack: false,
  };
}
