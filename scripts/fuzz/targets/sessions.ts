// What sessions, workers and their clients say to each other. Both ends are of one build
// and one user; even so, a message that is wrong ends one connection, and nothing else:
// a session serves others. Hosts are simulated: no connection is made.
import fc from "fast-check";
import type { ByteCarrier } from "../../../src/core/session/byte_carrier.ts";
import { clientMemory } from "../../../src/core/session/host_memory.ts";
import { MessageBuffer } from "../../../src/core/session/message_buffer.ts";
import { MessageSocket } from "../../../src/core/session/message_socket.ts";
import { SessionAnswers } from "../../../src/core/session/session_answers.ts";
import {
  SessionClient,
  SessionUnusable,
} from "../../../src/core/session/session_client.ts";
import { SessionLink } from "../../../src/core/session/session_link.ts";
import { routeDataOf } from "../../../src/core/session/session_messages.ts";
import { SessionUser } from "../../../src/core/session/session_user.ts";
import { runWorker } from "../../../src/core/workers/worker_server.ts";
import type { HostRoute } from "../../../src/core/route/host_endpoint.ts";
import { FtlError } from "../../../src/errors.ts";
import { within } from "../../../src/async/deadline.ts";
import { NO_BECOME } from "../../../src/inventory/connection/connection_settings.ts";
import { json } from "../grammar.ts";
import { SimulatedHosts } from "../simulated_hosts.ts";
import { Disagreement, faultOf, type Target } from "../target.ts";

/** Conversations take their turns. */
const SHARE = 0.1;

/** How long the last of what was started may take to end. */
const END_MS = 10_000;

const HELLO = {
  ...{ ftl: "0.1.0", build: "b", token: "", agentSocket: "" },
  asks: { passphrase: true, answer: true, alone: false },
};
const ENDPOINT = {
  name: "web1",
  transport: "ssh" as const,
  ...{ address: "192.0.2.1", port: 22, user: "root", identityFiles: [] },
};
const ROUTE: HostRoute = {
  ...{ endpoint: ENDPOINT, python: undefined, inMemory: false },
  ...{ password: undefined, become: NO_BECOME, ignored: [], reason: undefined },
  mayFallBack: false,
};
const ROUTE_DATA = routeDataOf(ROUTE, { linkLoss: "kill", environment: "" });
const ARCHIVE = "5e".repeat(32);

/** A message as a frame, with what it carries besides. */
function framed(text: string, bytes?: Uint8Array): Uint8Array {
  const buffer = new MessageBuffer();
  buffer.add(text, bytes);
  return buffer.take().slice();
}

/** Gives the bytes in pieces, and lets the other end work after each. */
function carrierOf(bytes: Uint8Array): ByteCarrier {
  let at = 0;
  let size = 1;
  let isClosed = false;
  return {
    async read() {
      await new Promise((resolve) => setImmediate(resolve));
      if (isClosed || at >= bytes.length) return undefined;
      size = size * 7 % 1009;
      const piece = bytes.subarray(at, at + size);
      at += size;
      return piece;
    },
    write: (piece) => Promise.resolve(piece.length),
    close: () => void (isClosed = true),
  };
}

async function ended(work: Promise<unknown>, what: string): Promise<void> {
  const late = { ms: END_MS, instead: "late" as const };
  if (await within(work, late) === "late") {
    throw new Disagreement(`${what} never ends`);
  }
}

/** What a client says to a session: its requests, until it is gone. */
async function serve(bytes: Uint8Array): Promise<void> {
  const socket = new MessageSocket(carrierOf(bytes));
  const hosts = new SimulatedHosts(clientMemory());
  const user = new SessionUser({
    ...{ socket, hosts, hello: HELLO, environment: "" },
    onCall: () => {},
  });
  try {
    for await (const message of socket.messages()) user.take(message);
  } catch {
    // Whatever it is, the session drops this client.
  }
  await ended(user.leave().then(() => hosts.close()), "a host");
  user.opener.close();
}

/** What a session says to a client that uses a host in it. */
async function ask(bytes: Uint8Array): Promise<void> {
  const client = new SessionClient({
    name: "default",
    carrier: carrierOf(bytes),
    hello: HELLO,
  });
  const links = new Map<number, SessionLink>();
  client.listener = new SessionAnswers(
    {
      ssh: { passphrase: () => Promise.resolve("x"), answer: undefined },
      password: () => Promise.resolve("x"),
      endpointOf: () => ENDPOINT,
      onFallback: () => {},
      mayNeedPassword: () => false,
      secrets: new Set(),
      store: undefined,
    } as unknown as ConstructorParameters<typeof SessionAnswers>[0],
    links,
  );
  const link = new SessionLink({
    ...{ client, route: ROUTE, data: ROUTE_DATA, key: "k", retries: 0 },
    mayOpen: true,
    archive: () => Promise.resolve({ id: ARCHIVE, bytes: new Uint8Array(9) }),
    onOver: () => {},
  });
  links.set(link.id, link);
  const { signal } = new AbortController();
  const account = link.account();
  const uses = [
    client.greeted(END_MS),
    client.ask("Status", {}),
    account.connection(signal).then(async (connection) => {
      const { stdout, stderr, exit } = await connection.exec("x", { signal });
      await Promise.all([...[stdout, stderr].map(drain), exit]);
    }),
    account.gate(signal).then(async ({ channel, opened }) => {
      const data = { module: "ping", args: {} };
      await Promise.all([
        opened,
        channel.call({ type: "Call", data }, { signal, onEvent: () => {} }),
      ]);
    }),
  ].map((use) => use.catch(pass));
  await ended(Promise.all(uses), "a call");
  await ended(client.closed, "a client");
}

/** Passes on what is not an error of ours, unless the other end has sent it. */
function pass(error: unknown): void {
  if (error instanceof SessionUnusable) error = new FtlError(error.message);
  const isSent = error instanceof Error && error.constructor === Error;
  if (!isSent && faultOf(error) !== undefined) throw error;
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _ of stream) { /* to its end */ }
}

/** What a run says to a worker; it is never told to connect. */
async function work(bytes: Uint8Array): Promise<void> {
  await ended(
    runWorker({
      carrier: carrierOf(bytes),
      ...{ ftl: HELLO.ftl, build: HELLO.build },
      signal: new AbortController().signal,
    }),
    "a worker",
  );
}

const one = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const id = one(0, 1, 1, 2, 2, 3, 3, 4, 5, -1, 1.5, 2 ** 53, null);
const name = one<unknown>(
  "stdin",
  "stdout",
  "stderr",
  "constructor",
  "__proto__",
  1,
);
const error = fc.record({
  name: one("ConnectError", "GateError", "CallError", "constructor", "x", null),
  message: one<unknown>("m", null, {}),
  host: one<unknown>("web1", 1),
  phase: one("start", "call", "x"),
  mayPass: one(true, false),
}, { requiredKeys: [] });
const become = one<unknown>(
  null,
  { method: "sudo", user: "root", asks: true },
  { method: "x", user: 1 },
  "root",
);
const request = one<unknown>(
  { type: "Call", data: { module: "ping", args: {} } },
  { type: "Call", data: { module: "ping", args: {}, after: 1 } },
  { type: "Ping", data: {} },
  { type: "x" },
  null,
);

/** A message: an array, bytes after it now and then. */
function messages(
  types: readonly string[],
  members: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Uint8Array> {
  const message = fc.tuple(
    fc.constantFrom(...types),
    fc.oneof(
      { weight: 12, arbitrary: fc.record(members) },
      { weight: 6, arbitrary: fc.record(members, { requiredKeys: [] }) },
      { weight: 1, arbitrary: one<unknown>(null, [], 1, "x") },
    ),
    id,
  ).map((parts) => JSON.stringify(parts));
  return fc.array(
    fc.tuple(
      fc.oneof({ weight: 12, arbitrary: message }, {
        weight: 1,
        arbitrary: json,
      }),
      one(undefined, undefined, new Uint8Array(), new Uint8Array(70)),
    ),
    { maxLength: 10 },
  ).map((all) => joined(all.map(([text, bytes]) => framed(text, bytes))));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const FROM_CLIENT = {
  keys: one<unknown>(["k"], [], 1, null),
  key: one("k", "k2"),
  route: one<unknown>(
    ROUTE_DATA,
    ROUTE_DATA,
    { ...ROUTE_DATA, mayFallBack: true },
    { ...ROUTE_DATA, environment: "x" },
    {},
    null,
  ),
  mayOpen: one(true, true, false),
  retries: one(0, -1, null),
  notes: one<unknown>({}, { k: { login: "key" } }, { k: null }, 1),
  reopen: one(true, false),
  link: one(1, 1, 2, null),
  gate: one(2, 2, 3, null),
  become,
  archive: one(ARCHIVE, "x"),
  hinted: one(true, false),
  id: one("p1"),
  data: one("", "aGk=", null),
  request,
  packs: one<unknown>(["p1"], ["p2", 1], "p1", null, undefined),
  command: one("x", "sleep"),
  terminal: one(false, true),
  answer: one<unknown>("a", undefined, 1),
  name,
  bytes: one(1, 100, -5, 1e300, null),
  ms: one(1),
};

const FROM_SESSION = {
  key: one("k"),
  host: one("web1"),
  why: one<unknown>("w", null),
  reason: one("r"),
  noted: one<unknown>({ k: { login: "none" } }, { k: null }, null, undefined),
  archive: one(ARCHIVE, "x"),
  what: one("password", "become", "passphrase", "answer", "x"),
  endpoint: one<unknown>(ENDPOINT, null),
  isHost: one(true, false),
  link: one(1, 9),
  become: one("", "x"),
  file: one("/k"),
  question: one<unknown>({ text: "t", instructions: "", echo: true }, null),
  phases: one<unknown>(
    [["connect", 1], [null, 0]],
    [["x", null], [1, "x"]],
    [[]],
    ["x"],
    undefined,
    null,
  ),
  startMs: one<unknown>(1000, "x"),
  error,
  packs: one<unknown>([], ["p"], null),
  pending: one<unknown>(0, "x"),
  hello: one<unknown>(
    { ftl: 2, nonce: "n", gate: ARCHIVE, folder: "/f", packs: [] },
    null,
  ),
  bytesSent: one(1),
  event: one<unknown>({ type: "Output", stream: "stdout", text: "x" }, null),
  reply: one<unknown>({ type: "Result", data: { rc: 0 } }, null),
  stored: one<unknown>([{ type: "Stored", data: {} }], [], 1, undefined),
  exit: one<unknown>(
    { code: 0, signal: null, lost: false },
    { code: 1, refusal: { name: "ConnectError", message: "m" } },
    null,
  ),
  name,
  bytes: one(1, -5, null),
};

const hello = framed(JSON.stringify(["Hello", HELLO, 0]));
const greeting = framed(JSON.stringify(["Hello", { pid: 1 }, 0]));
const connected = framed(JSON.stringify(["Connected", { startMs: 1000 }, 1]));

export const sessionTargets: readonly Target[] = [
  {
    name: "session_requests",
    grammar: messages(
      [
        ...["Find", "Attach", "Attach", "Detach", "Gate", "Gate", "Archive"],
        ...[
          "Pack",
          "Drop",
          "Call",
          "Call",
          "Cancel",
          "Exec",
          "Shell",
          "Answer",
        ],
        ...["Ping", "Data", "End", "Read", "Close", "constructor", "__proto__"],
        ...["Part", "Last", "x"],
      ],
      FROM_CLIENT,
    ),
    share: SHARE,
    read: (input) => serve(joined([attach, input])),
  },
  {
    name: "session_answers",
    grammar: messages(
      [
        ...["Connected", "Phase", "Lost", "Ready", "Open", "Closed", "Started"],
        ...["Data", "End", "Read", "Stop", "Exit", "Over", "Event", "Reply"],
        ...["Error", "Ask", "Need", "Added", "Distrust", "Fallback"],
        ...["Refused", "Status", "Pong", "Part", "Last", "Detached", "x"],
      ],
      FROM_SESSION,
    ),
    share: SHARE,
    read: (input) => ask(joined([greeting, connected, input])),
  },
  {
    name: "worker_requests",
    grammar: fc.tuple(
      messages(["Hello"], {
        ...{ ftl: one("0.1.0"), build: one("b"), token: one("") },
        agentSocket: one<unknown>("", null),
        asks: one<unknown>(HELLO.asks, null, {}),
      }),
      // No "Attach": a worker would connect.
      messages(
        [
          ...["Find", "Detach", "Gate", "Archive", "Pack", "Drop", "Call"],
          ...[
            "Cancel",
            "Exec",
            "Shell",
            "Answer",
            "Ping",
            "Data",
            "Read",
            "Quit",
            "x",
          ],
        ],
        FROM_CLIENT,
      ),
    ).map(joined),
    share: SHARE,
    read: (input) => work(joined([hello, input])),
  },
];

const attach = framed(JSON.stringify(["Attach", {
  ...{ key: "k", route: ROUTE_DATA, mayOpen: true, retries: 0, notes: {} },
}, 1]));
