// The sessions that a command may use, and the one that it leaves its hosts to.
import {
  SessionClient,
  SessionUnusable,
} from "../../core/session/session_client.ts";
import {
  DEFAULT_SESSION,
  listSessionPlaces,
  openSessionPlace,
  removeStale,
  type SessionPlace,
} from "../../core/session/session_folder.ts";
import type { ClientHello } from "../../core/session/session_messages.ts";
import {
  environmentKey,
  SessionPool,
} from "../../core/session/session_pool.ts";
import { messageOf } from "../../errors.ts";
import type { Context } from "../commands/context.ts";
import { UsageError, warningText } from "../process/exit_code.ts";
import { buildId } from "../process/own_program.ts";
import { startSession } from "../process/start_session.ts";
import { VERSION } from "../process/version.ts";

/** How long another process may take to start or to end a session. */
const TAKEN_MS = 5_000;
const RETRY_MS = 100;

/** Which sessions a command uses. */
export interface SessionOptions {
  /** Leave the hosts open for this many seconds without use. */
  keep?: number;
  /** The session to leave them to; the command fails without it. Default: `default`. */
  session?: string;
  askPass?: boolean;
  verbose?: number;
}

/** A session that cannot be used, and why: the end of a sentence. */
export interface UnusableSession {
  readonly place: SessionPlace;
  readonly why: string;
}

/** The sessions for the hosts of a command; undefined without any. */
export async function findSessions(
  options: SessionOptions,
  context: Context,
): Promise<SessionPool | undefined> {
  const { keep, session, verbose } = options;
  const hello = await clientHello(options, context);
  const say = (name: string, why: string) => {
    if (!verbose) return;
    context.err(
      warningText(`Not using the session ${name}: ${why}. Connecting directly`),
    );
  };
  const { clients, unusable } = await connectToSessions(hello);
  const name = session ?? DEFAULT_SESSION;
  for (const { place, why } of unusable) {
    if (keep === undefined || place.name !== name) say(place.name, why);
  }
  let keeper = clients.find((client) => client.name === name);
  if (keep !== undefined) {
    try {
      keeper ??= await startAndConnect(name, { hello, idleMs: keep * 1000 });
      keeper.say("Keep", { ms: keep * 1000 }, 0);
    } catch (error) {
      if (session !== undefined) throw error;
      context.err(warningText(`Nothing is kept open: ${messageOf(error)}`));
    }
  }
  if (clients.length === 0 && keeper === undefined) return undefined;
  return new SessionPool({
    clients,
    keeper: keep === undefined ? undefined : keeper,
    environment: await environmentKey(),
    onLost: (client) => say(client.name, client.why),
  });
}

/** Connects to all sessions, and removes what dead ones left. */
export async function connectToSessions(
  hello: Omit<ClientHello, "token">,
): Promise<{ clients: SessionClient[]; unusable: UnusableSession[] }> {
  const clients: SessionClient[] = [];
  const unusable: UnusableSession[] = [];
  await Promise.all((await listSessionPlaces()).map(async (place) => {
    try {
      clients.push(await connectTo(place, hello));
    } catch (error) {
      if (!(error instanceof SessionUnusable)) throw error;
      // One that was killed left its files; nobody holds its lock.
      if (!await removeStale(place)) {
        unusable.push({ place, why: error.message });
      }
    }
  }));
  return { clients, unusable };
}

/** What a client says about itself; without a fleet nothing can be asked. */
export async function clientHello(
  { askPass = false }: SessionOptions,
  context: Pick<Context, "canAsk" | "env">,
): Promise<Omit<ClientHello, "token">> {
  const { canAsk } = context;
  return {
    ftl: VERSION,
    build: await buildId(),
    agentSocket: context.env("SSH_AUTH_SOCK") ?? "",
    asks: { passphrase: canAsk, answer: canAsk, alone: askPass },
  };
}

async function connectTo(
  place: SessionPlace,
  hello: Omit<ClientHello, "token">,
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
  { hello, idleMs }: { hello: Omit<ClientHello, "token">; idleMs: number },
): Promise<SessionClient> {
  const place = await openSessionPlace(name);
  const until = performance.now() + TAKEN_MS;
  for (;;) {
    const started = await startSession(name, { idleMs });
    try {
      return await connectTo(place, hello);
    } catch (error) {
      // Another command starts or ends it right now.
      if (started === "taken" && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      throw new UsageError(
        `Cannot use the session ${name}: ${messageOf(error)}`,
        { hint: `End it with: ftl close ${name}`, cause: error },
      );
    }
  }
}
