// The connection to a NATS server with JetStream. The packages of NATS are loaded
// here, when a command asks for them. Errors of NATS are translated here.
import { FtlError, messageOf } from "../../../errors.ts";
import type { NatsConnection } from "@nats-io/transport-node";
import type {
  ConsumerConfig,
  JetStreamClient,
  JetStreamManager,
  StreamConfig,
} from "@nats-io/jetstream";
import type { ObjectStore } from "@nats-io/obj";
import { type NatsRole, probePermissions } from "./nats_permissions.ts";
import {
  NatsRefusals,
  refusalError,
  refusalIn,
  refusalText,
} from "./nats_refusals.ts";

/** How long one request to the server may take. */
const REQUEST_MS = 10_000;

/** How often a lost connection is tried again. */
const RECONNECT_MS = 500;

/** Credentials for NATS, as its own tools know them. */
export interface NatsCredentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** A file with a JWT and an nkey seed. */
  readonly creds?: string | undefined;
  /** A file with an nkey seed. */
  readonly nkey?: string | undefined;
  /** Files in PEM. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Where a server is, and who connects to it. */
export interface NatsLinkOptions {
  /** `nats://HOST:PORT` or `tls://HOST:PORT`; several with commas between. */
  readonly url: string;
  readonly credentials?: NatsCredentials | undefined;
  /** What the server shows as the name of the connection. */
  readonly name: string;
  /**
   * What the account must be allowed. Default: nothing is asked for.
   */
  readonly role?: NatsRole | undefined;
  /** Called when the server is lost or back, and when it does not allow something. */
  readonly onNote?: ((text: string) => void) | undefined;
}

/** An open connection to NATS. */
export interface NatsLink {
  readonly connection: NatsConnection;
  readonly stream: JetStreamClient;
  readonly admin: JetStreamManager;
  /** Opens or makes a bucket of objects. */
  bucket(
    name: string,
    options: { ttlMs: number; replicas?: number },
  ): Promise<ObjectStore>;
  /** Sends a message that no stream keeps; it is dropped when NATS is not there. */
  tell(subject: string, message: Uint8Array): void;
  /** The largest message that the server takes, in bytes. */
  readonly maxPayload: number;
  /** Where the server is, without credentials. */
  readonly shown: string;
  close(): Promise<void>;
}

/** What a stream and a consumer are made with. */
export type { ConsumerConfig, StreamConfig };

/**
 * Connects to NATS.
 *
 * @throws {FtlError} when the server cannot be reached, refuses the credentials, does
 *   not allow what the role needs, or has no JetStream.
 */
export async function openNats(options: NatsLinkOptions): Promise<NatsLink> {
  const packages = await import("./nats_packages.ts");
  packages.setSha256Backend("native"); // half of the CPU of an object is its sum
  const { servers, user, password, shown } = parseServers(options.url);
  const { credentials = {} } = options;
  const authenticator = await authenticatorOf(credentials, packages);
  const named = credentials.user ?? user;
  const secret = credentials.password ?? password;
  const connection = await packages.connect({
    servers,
    name: options.name,
    ...(named !== undefined && { user: named }),
    ...(secret !== undefined && { pass: secret }),
    ...(credentials.token !== undefined && { token: credentials.token }),
    ...(authenticator && { authenticator }),
    ...tlsOf(credentials, options.url),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS,
    // A server that comes back may refuse at first.
    ignoreAuthErrorAbort: true,
    timeout: REQUEST_MS,
    noAsyncTraces: true,
  }).catch((cause) => {
    const error = natsError(`Cannot connect to NATS at ${shown}`, cause);
    throw REFUSALS.includes(cause?.name) ? error : new NatsAway(error);
  });
  const refusals = new NatsRefusals(connection);
  try {
    if (options.role !== undefined) {
      probePermissions(connection, {
        role: options.role,
        headers: packages.headers(),
      });
    }
    const manager = await packages.jetstreamManager(connection, {
      timeout: REQUEST_MS,
    }).catch((cause) => ({ cause }));
    const refused = await refusals.all();
    if (refused.length > 0) {
      throw refusalError(`Cannot use NATS at ${shown}`, refused);
    }
    if ("cause" in manager) throw manager.cause;
    const client = packages.jetstream(connection, { timeout: REQUEST_MS });
    const objectManager = new packages.Objm(client);
    const { onNote } = options;
    if (onNote) {
      void watchServer(connection, shown, onNote);
      refusals.onRefusal = (refusal) =>
        onNote(`NATS at ${shown}: ${refusalText([refusal])}`);
    }
    return {
      connection,
      stream: client,
      admin: manager,
      bucket: (name, { ttlMs, replicas }) =>
        objectManager.create(name, {
          ttl: packages.nanos(ttlMs),
          ...(replicas !== undefined && { replicas }),
        }),
      tell: (subject, message) => {
        if (!connection.isClosed()) connection.publish(subject, message);
      },
      maxPayload: connection.info?.max_payload ?? 1_048_576,
      shown,
      close: async () => {
        // What was published last must have left.
        await connection.drain().catch(() => connection.close());
      },
    };
  } catch (cause) {
    await connection.close();
    if (cause instanceof FtlError) throw cause;
    throw natsError(`Cannot use NATS at ${shown}`, cause, {
      hint: "Start nats-server with JetStream: nats-server -js",
    });
  }
}

/** Thrown when a server cannot be reached; it may be later. */
export class NatsAway extends FtlError {
  constructor({ message, hint, cause }: FtlError) {
    super(message, { hint, cause });
  }
}

/** What a server says to a client that it knows, and does not let in. */
const REFUSALS = ["AuthorizationError", "UserAuthenticationExpiredError"];

/** Says when the server is lost, and when it is back; ends with the connection. */
async function watchServer(
  connection: NatsConnection,
  shown: string,
  onNote: (text: string) => void,
): Promise<void> {
  let isLost = false;
  for await (const { type } of connection.status()) {
    if (type === "disconnect" && !isLost && !connection.isDraining()) {
      isLost = true;
      onNote(`Lost NATS at ${shown}; trying again`);
    } else if (type === "reconnect" && isLost) {
      isLost = false;
      onNote(`NATS at ${shown} is back`);
    }
  }
}

/** An error of NATS as one of ftl's. */
export function natsError(
  what: string,
  cause: unknown,
  { hint }: { hint?: string } = {},
): FtlError {
  const refusal = refusalIn(cause);
  if (refusal !== undefined) return refusalError(what, [refusal], cause);
  const name = (cause as { name?: string } | null)?.name;
  const why = name === "JetStreamNotEnabled"
    ? "the server has no JetStream"
    : REFUSALS.includes(name ?? "")
    ? "the server refuses these credentials"
    : name === "TimeoutError"
    ? "the server does not answer"
    : messageOf(cause);
  const advice = hint ??
    (name === "AuthorizationError"
      ? "Set NATS_USER and NATS_PASSWORD, NATS_CREDS, NATS_NKEY, or NATS_CERT and NATS_KEY"
      : "Check the address, and that nats-server runs there");
  return new FtlError(`${what}: ${why}`, { cause, hint: advice });
}

/** Whether the server gave no answer; it may be starting again. */
export function isUnanswered(error: unknown): boolean {
  const { name } = error as { name?: string };
  return ["TimeoutError", "NoResponders", "RequestError"].includes(name ?? "");
}

/** Whether the server refused a message because another one was there first. */
export function isTaken(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === WRONG_LAST_SEQUENCE;
}

/** `JetStreamApiCodes.StreamWrongLastSequence`. */
const WRONG_LAST_SEQUENCE = 10071;

interface Servers {
  readonly servers: string[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly shown: string;
}

/** Splits a URL with a user and a password, which the library does not read. */
function parseServers(text: string): Servers {
  let user: string | undefined;
  let password: string | undefined;
  const servers = text.split(",").map((each) => {
    const named = /^\w+:\/\//.test(each) ? each : `nats://${each}`;
    let url: URL;
    try {
      url = new URL(named.trim());
    } catch (cause) {
      throw new FtlError(
        "Cannot use the address of NATS: it is not a URL such as nats://HOST:4222",
        { cause },
      );
    }
    if (!/^(?:nats|tls):$/.test(url.protocol) || url.hostname === "") {
      throw new FtlError(
        `Cannot use ${url.protocol}//${url.host} for NATS: it must start with nats:// or tls://`,
      );
    }
    if (url.username !== "") user = decodePart(url.username);
    if (url.password !== "") password = decodePart(url.password);
    return `${url.protocol}//${url.host}`;
  });
  return { servers, user, password, shown: servers.join(",") };
}

/** The user or the password in a URL, which no error quotes. */
function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new FtlError(
      "Cannot use the address of NATS: its user or password has a % that starts no escape",
      { hint: "Write %25 for %, or set NATS_USER and NATS_PASSWORD" },
    );
  }
}

type Packages = typeof import("./nats_packages.ts");

async function authenticatorOf(
  { creds, nkey }: NatsCredentials,
  { credsAuthenticator, nkeyAuthenticator }: Packages,
) {
  if (creds !== undefined) return credsAuthenticator(await readKey(creds));
  if (nkey === undefined) return undefined;
  const text = new TextDecoder().decode(await readKey(nkey));
  const seed = text.split("\n").map((line) => line.trim())
    .find((line) => /^S[A-Z]/.test(line)) ?? "";
  return nkeyAuthenticator(new TextEncoder().encode(seed));
}

async function readKey(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    throw new FtlError(
      `Cannot read the NATS credentials ${path}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function tlsOf({ ca, cert, key }: NatsCredentials, url: string) {
  const files = {
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  };
  const isAsked = Object.keys(files).length > 0 || /\btls:\/\//.test(url);
  return isAsked ? { tls: files } : {};
}
