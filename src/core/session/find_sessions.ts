// The sessions that a fleet may use, and the one that it leaves its hosts to.
import { messageOf, SourceError } from "../../errors.ts";
import { SessionClient, SessionUnusable } from "./session_client.ts";
import {
  DEFAULT_SESSION,
  listSessionPlaces,
  openSessionPlace,
  removeStale,
  type SessionPlace,
} from "./session_folder.ts";
import type { ClientHello } from "./session_messages.ts";
import { environmentKey, SessionPool } from "./session_pool.ts";
import { type SessionProgram, startSession } from "./start_session.ts";

/** How long another process may take to start or to end a session. */
const TAKEN_MS = 5_000;
const RETRY_MS = 100;

/** What a client says about itself, before it knows the token of a session. */
export type OwnHello = Omit<ClientHello, "token">;

/** The session that hosts are left to. */
export interface Keeper {
  /** Default: {@linkcode DEFAULT_SESSION}. */
  readonly name?: string | undefined;
  /** How long it keeps them open without a client, in ms. */
  readonly idleMs: number;
  /** What starts it where it does not run. */
  readonly program: SessionProgram;
  /** Whether hosts are connected to directly where it does not start. */
  readonly isOptional: boolean;
}

/** What becomes of sessions that cannot be used. */
export interface SessionNotes {
  /** Called with a session, and why it is not used: the end of a sentence. */
  readonly onUnusable: (name: string, why: string) => void;
  /** Called with why an optional keeper did not start. */
  readonly onNotKept: (why: string) => void;
}

/** A session that cannot be used, and why: the end of a sentence. */
export interface UnusableSession {
  readonly place: SessionPlace;
  readonly why: string;
}

/**
 * The sessions for the hosts of a fleet; undefined without any.
 *
 * @throws {SourceError} when a keeper that is not optional does not start.
 */
export async function findSessions(
  hello: OwnHello,
  keep: Keeper | undefined,
  { onUnusable, onNotKept }: SessionNotes,
): Promise<SessionPool | undefined> {
  const { clients, unusable } = await connectToSessions(hello);
  const { name = DEFAULT_SESSION } = keep ?? {};
  for (const { place, why } of unusable) {
    if (keep === undefined || place.name !== name) onUnusable(place.name, why);
  }
  let keeper: SessionClient | undefined;
  if (keep !== undefined) {
    try {
      keeper = clients.find((client) => client.name === name) ??
        await startAndConnect(name, hello, keep);
      keeper.say("Keep", { ms: keep.idleMs }, 0);
    } catch (error) {
      if (!keep.isOptional) {
        for (const client of clients) client.close();
        throw error;
      }
      onNotKept(messageOf(error));
    }
  }
  if (clients.length === 0 && keeper === undefined) return undefined;
  return new SessionPool({
    clients,
    keeper,
    environment: await environmentKey(),
    onLost: (client) => onUnusable(client.name, client.why),
  });
}

/** Connects to all sessions, and removes what dead ones left. */
export async function connectToSessions(
  hello: OwnHello,
): Promise<{ clients: SessionClient[]; unusable: UnusableSession[] }> {
  const clients: SessionClient[] = [];
  const unusable: UnusableSession[] = [];
  await Promise.all((await listSessionPlaces()).map(async (place) => {
    try {
      clients.push(await connectTo(place, hello));
    } catch (error) {
      if (!(error instanceof SessionUnusable)) throw error;
      // One that was killed left its files; nobody holds its lock. They may stay, on
      // a disk that cannot be written.
      if (!await removeStale(place).catch(() => false)) {
        unusable.push({ place, why: error.message });
      }
    }
  }));
  return { clients, unusable };
}

async function connectTo(
  place: SessionPlace,
  hello: OwnHello,
): Promise<SessionClient> {
  const token = await Deno.readTextFile(place.token).catch(() => {
    throw new SessionUnusable("it has no token");
  });
  const { socket } = place;
  return await SessionClient.connect(place.name, {
    socket,
    hello: { ...hello, token },
  });
}

async function startAndConnect(
  name: string,
  hello: OwnHello,
  { idleMs, program }: Keeper,
): Promise<SessionClient> {
  const place = await openSessionPlace(name);
  const until = performance.now() + TAKEN_MS;
  for (;;) {
    const started = await startSession(name, { idleMs, program });
    try {
      return await connectTo(place, hello);
    } catch (error) {
      // Another process starts or ends it right now.
      if (started === "taken" && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      throw new SourceError(
        `Cannot use the session ${name}: ${messageOf(error)}`,
        { hint: `End it with: ftl close ${name}`, cause: error },
      );
    }
  }
}
