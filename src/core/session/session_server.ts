// A session: keeps hosts and gates open for clients that come and go on its socket,
// and ends when it is told to, or when it was idle for too long.
import { startTimer } from "../../async/timer.ts";
import { openStore } from "../../store/store.ts";
import { socketCarrier } from "./byte_carrier.ts";
import { MessageSocket, type SocketMessage } from "./message_socket.ts";
import {
  lockSession,
  removeFiles,
  type SessionPlace,
} from "./session_folder.ts";
import {
  type ClientHello,
  type SessionStatus,
  whyRefused,
} from "./session_messages.ts";
import { SessionUser } from "./session_user.ts";
import { SharedHosts } from "./shared_hosts.ts";
import { storeMemory } from "./host_memory.ts";
import type { ClientOpener } from "./client_opener.ts";

/** How long a client may take to greet. */
const HELLO_MS = 5_000;
/** How long a session stays that has neither a client nor an open host. */
const EMPTY_MS = 5_000;

/** A session's settings. */
export interface SessionServerOptions {
  readonly place: SessionPlace;
  readonly ftl: string;
  /** Identifies the program; clients of another one are refused. */
  readonly build: string;
  /** How long it stays without a client, in ms. */
  readonly idleMs: number;
  /** What the ways to hosts depend on in the environment. */
  readonly environment: string;
}

/**
 * Runs a session until it ends; resolves to false at once when its name is taken.
 *
 * @param onReady Called when clients can connect.
 */
export async function runSession(
  options: SessionServerOptions,
  { onReady, signal }: { onReady: () => void; signal: AbortSignal },
): Promise<boolean> {
  const { place } = options;
  const lock = await lockSession(place);
  if (lock === undefined) return false;
  try {
    await removeFiles({ ...place, lock: place.socket });
    await lock.truncate();
    await lock.write(new TextEncoder().encode(`${Deno.pid}\n`));
    const token = crypto.getRandomValues(new Uint8Array(32)).toHex();
    await Deno.writeTextFile(place.token, token, { mode: 0o600 });
    const server = new SessionServer(options, token);
    await server.run(onReady, signal);
  } finally {
    await removeFiles(place);
    lock.close();
  }
  return true;
}

/** The socket's end, and the clients at it. */
class SessionServer {
  readonly #options: SessionServerOptions;
  readonly #token: string;
  readonly #hosts: Promise<SharedHosts>;
  readonly #users = new Set<MessageSocket>();
  /** Openers of clients that have left, whose hosts are open. */
  #openers: ClientOpener[] = [];
  readonly #over = Promise.withResolvers<void>();
  readonly #began = Date.now();
  #idleLimitMs: number;
  #idleSince = Date.now();
  #stopIdle = () => {};
  #calls = 0;

  constructor(options: SessionServerOptions, token: string) {
    this.#options = options;
    this.#token = token;
    this.#idleLimitMs = options.idleMs;
    this.#hosts = openStore().catch(() => undefined)
      .then((store) =>
        new SharedHosts(storeMemory(store), { shellsWait: true })
      );
  }

  async run(onReady: () => void, signal: AbortSignal): Promise<void> {
    const listener = Deno.listen({
      transport: "unix",
      path: this.#options.place.socket,
    });
    signal.addEventListener("abort", () => this.#over.resolve());
    void this.#accept(listener);
    void this.#startIdle();
    onReady();
    await this.#over.promise;
    this.#stopIdle();
    listener.close();
    for (const socket of this.#users) socket.close();
    await (await this.#hosts).close();
    for (const opener of this.#openers) opener.close();
  }

  async #accept(listener: Deno.Listener): Promise<void> {
    try {
      for await (const connection of listener) {
        void this.#serve(new MessageSocket(socketCarrier(connection)));
      }
    } catch {
      // The session ends.
    }
  }

  async #serve(socket: MessageSocket): Promise<void> {
    let user: SessionUser | undefined;
    const stopTimer = startTimer(() => user ?? socket.close(), HELLO_MS);
    try {
      for await (const message of socket.messages()) {
        if (user === undefined) {
          user = await this.#greet(socket, message);
          if (user === undefined) return;
          stopTimer();
        } else this.#take(message, { socket, user });
      }
    } catch {
      // A message that cannot be read ends its client only.
    } finally {
      stopTimer();
      socket.close();
      if (user !== undefined) await this.#leave(socket, user);
    }
  }

  async #greet(
    socket: MessageSocket,
    { type, data }: SocketMessage,
  ): Promise<SessionUser | undefined> {
    const { ftl, build } = this.#options;
    const hello = data as unknown as ClientHello;
    const token = this.#token;
    const why = type !== "Hello"
      ? "it speaks another protocol"
      : whyRefused(hello, { ftl, build, token });
    if (why !== undefined) {
      socket.send("Refused", { why });
      await socket.flushed();
      return undefined;
    }
    this.#users.add(socket);
    this.#stopIdle();
    const user = new SessionUser({
      socket,
      hello,
      hosts: await this.#hosts,
      environment: this.#options.environment,
      onCall: () => this.#calls++,
    });
    socket.send("Hello", { ftl, build, pid: Deno.pid });
    return user;
  }

  #take(
    message: SocketMessage,
    { socket, user }: { socket: MessageSocket; user: SessionUser },
  ): void {
    const { type, data, id } = message;
    if (type === "Status") {
      void this.#status().then((status) => socket.send("Status", status, id));
    } else if (type === "Keep") {
      const ms = Number(data.ms);
      if (ms > this.#idleLimitMs) this.#idleLimitMs = ms;
    } else user.take(message);
  }

  async #leave(socket: MessageSocket, user: SessionUser): Promise<void> {
    this.#users.delete(socket);
    await user.leave();
    this.#openers = [...this.#openers, user.opener].filter((opener) => {
      if (opener.isNeeded) return true;
      opener.close();
      return false;
    });
    await this.#startIdle();
  }

  async #startIdle(): Promise<void> {
    this.#idleSince = Date.now();
    const { all } = await this.#hosts;
    this.#stopIdle();
    if (this.#users.size > 0) return;
    const ms = all.length > 0
      ? this.#idleLimitMs
      : Math.min(this.#idleLimitMs, EMPTY_MS);
    this.#stopIdle = startTimer(this.#over.resolve, ms);
  }

  async #status(): Promise<SessionStatus> {
    const hosts = (await this.#hosts).all;
    // The client that asks does not count.
    const clients = this.#users.size - 1;
    return {
      pid: Deno.pid,
      hosts: hosts.map(({ name }) => name),
      gates: hosts.reduce((sum, { gates }) => sum + gates, 0),
      clients,
      calls: this.#calls,
      ageMs: Date.now() - this.#began,
      idleMs: clients > 0 ? 0 : Date.now() - this.#idleSince,
      idleLimitMs: this.#idleLimitMs,
      memoryBytes: Deno.memoryUsage().rss,
    };
  }
}
