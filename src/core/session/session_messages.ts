// What a session and its clients say to each other, as types; docs/engines.md has
// the messages. A worker is a session that belongs to one run. All ids are the
// client's, except those of `Ask`.
import type { BecomeMethod } from "../become/become.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import type { Endpoint } from "../../transport/transport.ts";

/** How a client reaches a host. */
export interface RouteData {
  readonly endpoint: Endpoint;
  readonly python: string | undefined;
  readonly linkLoss: "kill" | "finish";
  /** Whether nothing is put on the host's disks. */
  readonly inMemory: boolean;
  /** Whether the system's `ssh` may be used where ftl has no common algorithm. */
  readonly mayFallBack: boolean;
  /** The environment that the way to the host depends on; "" for none. */
  readonly environment: string;
}

/** What was written to a gate; absent in sessions, where others write to it too. */
export interface SentData {
  readonly bytesSent?: number;
  /** Whether the archive was sent. */
  readonly uploaded?: boolean;
}

/** A become user; the client keeps its password until it is asked for it. */
export interface BecomeData {
  readonly method: BecomeMethod;
  readonly user: string;
  readonly executable?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  /** Whether its user can be asked. */
  readonly asks: boolean;
}

/** A client's first message. */
export interface ClientHello {
  readonly ftl: string;
  readonly build: string;
  readonly token: string;
  /** The agent of the client; "" for none. */
  readonly agentSocket: string;
  /** Whether the client answers questions for passphrases, and other ones. */
  readonly asks: { passphrase: boolean; answer: boolean; alone: boolean };
}

/** Why a client cannot be served: the end of a sentence; undefined when it can. */
export function whyRefused(
  hello: ClientHello,
  { ftl, build, token }: Pick<ClientHello, "ftl" | "build" | "token">,
): string | undefined {
  if (hello.ftl !== ftl || hello.build !== build) {
    return `it is of another build of ftl (${ftl})`;
  }
  return hello.token === token ? undefined : "its token is another one";
}

/** What a session needs to know from the client, or its user. */
export type Question =
  & { refused?: string | undefined }
  & (
    | { what: "password"; endpoint: Endpoint; isHost: boolean }
    | { what: "become"; link: number; become: string; asks: boolean }
    | { what: "passphrase"; file: string; again: boolean }
    | {
      what: "answer";
      endpoint: Endpoint;
      question: { text: string; instructions: string; echo: boolean };
    }
  );

/** A session as `ftl sessions` lists it. */
export interface SessionStatus {
  readonly pid: number;
  readonly hosts: readonly string[];
  readonly gates: number;
  readonly clients: number;
  /** All calls and commands so far. */
  readonly calls: number;
  readonly ageMs: number;
  /** Since the last client left; 0 while there is one. */
  readonly idleMs: number;
  readonly idleLimitMs: number;
  readonly memoryBytes: number;
}

/** What a session or worker needs to know to reach a host. */
export function routeDataOf(
  { endpoint, python, inMemory, mayFallBack }: HostRoute,
  own: Pick<RouteData, "linkLoss" | "environment">,
): RouteData {
  return {
    endpoint,
    python: typeof python === "string" ? python : undefined,
    inMemory,
    mayFallBack,
    ...own,
  };
}

/**
 * The key of a host in a session: everything that decides which connection and
 * which gate a call gets. How long connecting may take is not part of it.
 */
export function sessionKey(route: RouteData): string {
  return JSON.stringify(
    route,
    (name, value) => name === "connectTimeoutMs" ? undefined : value,
  );
}
