// What comes over NATS: from senders, workers, and anybody who may publish there; and
// the files that say whose word counts. Messages are real ones that were changed: some
// before they were signed and sealed, as a hostile sender could do, some afterwards.
import { join } from "@std/path";
import fc from "fast-check";
import {
  AllowedSenders,
  parseAllowedSenders,
} from "../../../src/core/nats/trust/allowed_senders.ts";
import { makeExchangeKey } from "../../../src/core/nats/trust/exchange_key.ts";
import { FollowedRun } from "../../../src/core/nats/sender/followed_run.ts";
import { KnownWorkers } from "../../../src/core/nats/trust/known_workers.ts";
import type { EventKind } from "../../../src/core/nats/server/nats_subjects.ts";
import {
  askedHost,
  ChunkOpener,
  PURPOSE,
  runRecipient,
  siteRecipient,
} from "../../../src/core/nats/messages/open_chunk.ts";
import {
  readJoinAnswer,
  readJoinRequest,
  readStatus,
} from "../../../src/core/nats/messages/received_note.ts";
import {
  GrantedKeys,
  makeRunKey,
  signGrant,
} from "../../../src/core/nats/trust/run_key.ts";
import { sealBytes } from "../../../src/core/nats/trust/sealed.ts";
import {
  EventOpener,
  EventSealer,
} from "../../../src/core/nats/trust/sealed_events.ts";
import { SeenCalls } from "../../../src/core/nats/trust/seen_calls.ts";
import { signCall } from "../../../src/core/nats/trust/signed.ts";
import { parseSshSignature } from "../../../src/core/nats/trust/ssh_signature.ts";
import { refuseOwnMachine } from "../../../src/core/nats/worker/worker_fleet.ts";
import { workerKeyText } from "../../../src/core/nats/trust/worker_key.ts";
import { plainPacking } from "../../../src/core/nats/trust/sealed_bodies.ts";
import { receivedHost } from "../../../src/core/nats/messages/sent_hosts.ts";
import { WireViolation } from "../../../src/transport/ssh/guard/wire_reader.ts";
import { json, linesOf, word, wordsOf } from "../grammar.ts";
import { Disagreement, faultOf, type Target, textOf } from "../target.ts";

/** Each input is signed or sealed. */
const SIGNED = 0.3;

const RUN = "20261129-120000-abc";
const SITE = "eu";
const encoder = new TextEncoder();

/** A worker, a sender that it allows, and a run of that sender. */
async function openWorld() {
  const folder = await Deno.makeTempDir({ prefix: "ftl-fuzz-nats-" });
  const [sender, runKey] = [await makeRunKey(), await makeRunKey()];
  const [worker, receiver] = [await makeExchangeKey(), await makeExchangeKey()];
  const allowed = join(folder, "allowed");
  await Deno.writeTextFile(allowed, `alice ${sender.line}\n`);
  const grant = await signGrant(runKey, {
    ...{ key: sender, run: RUN, sender: "alice" },
    receiver: receiver.publicKey,
    lifetimeMs: 3600_000,
  });
  const trust = {
    granted: new GrantedKeys(new AllowedSenders(allowed)),
    seen: await SeenCalls.open(join(folder, "home")),
    folder,
  };
  const sites = [SITE];
  const id = "w1";
  return {
    ...{ folder, sender, runKey, worker, receiver, grant },
    strict: new ChunkOpener({ key: worker, trust, sites, id }),
    open: new ChunkOpener({ key: worker, trust: undefined, sites, id }),
    sealer: await EventSealer.open({
      workerKey: worker,
      receiver: receiver.publicKey,
      run: RUN,
    }),
    opener: new EventOpener(receiver, { run: RUN }),
    close: () => {
      trust.seen.close();
      return Deno.remove(folder, { recursive: true });
    },
  };
}

let opened: ReturnType<typeof openWorld> | undefined;

/** Opened at its first use. */
function world() {
  return opened ??= openWorld();
}

async function closeWorld(): Promise<void> {
  await (await opened)?.close();
  opened = undefined;
}

const one = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const odd: fc.Arbitrary<unknown> = one<unknown>(
  ...[null, 0, -1, 1.5, 2 ** 53, 1e300, true, "", "x", "{{ 1 }}", [], [
    "{{ 1 }}",
  ]],
  ...[{}, { x: [{}] }, "a".repeat(2000)],
);

/** A value, and now and then another one of any type. */
function mostly(value: unknown): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 15, arbitrary: fc.constant(value) }, {
    weight: 1,
    arbitrary: odd,
  });
}

/** An object whose members are mostly there, and mostly right. */
function members(
  values: Readonly<Record<string, fc.Arbitrary<unknown> | unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  const arbitraries = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value instanceof fc.Arbitrary
        ? fc.oneof({ weight: 15, arbitrary: value }, {
          weight: 1,
          arbitrary: odd,
        })
        : mostly(value),
    ]),
  );
  const without = one("", "", "", "", "", "", ...Object.keys(values));
  return fc.tuple(fc.record(arbitraries), without).map(([record, name]) => {
    delete record[name];
    return record;
  });
}

const call = fc.oneof(
  members({
    module: "ping",
    args: { data: "x" },
    check: true,
    env: { A: "1" },
  }),
  members({ command: ["uptime"], timeoutMs: 1000, script: one(true, false) }),
  members({ open: true, secrets: ["a"] }),
  members({ push: { src: "/a", dest: "/b" } }),
);
const sentHost = members({
  index: one(0, 1, 5),
  name: one("web1", "", "__proto__"),
  vars: fc.dictionary(
    one(
      ...["ansible_host", "ansible_port", "ansible_connection", "ansible_user"],
      ...["ansible_ssh_common_args", "ansible_become", "ftl_site", "__proto__"],
      ...["ansible_ssh_private_key_file", "ansible_become_password"],
    ),
    fc.oneof(
      one<unknown>("local", "-o ProxyCommand=x", "x'", "ssh", 22, true),
      odd,
    ),
    { maxKeys: 3 },
  ),
  args: { a: 1 },
  secrets: ["s"],
});
const body = members({
  call,
  archive: "5e".repeat(32),
  modules: fc.array(
    members({
      asked: "ping",
      native: false,
      prepared: members({
        ...{ name: "ping", kind: "new", pack: null, secrets: [], unmasked: [] },
      }),
      located: members({ fullName: "a.b.ping", hasAction: false }),
    }),
    { maxLength: 2 },
  ),
  settings: members({
    become: members({ enabled: true, method: "sudo", user: "root" }),
    transport: one("ssh", "openssh", "local"),
    ...{ port: 22, linkLoss: "kill", retries: 0, keepInvocation: false },
  }),
  hosts: fc.array(sentHost, { maxLength: 2 }),
});
const chunk = members({
  ...{ ftl: "0.1.0", build: "b", run: RUN, chunk: 0, log: 0, detached: false },
  hosts: [0, 1],
  body,
  sealed: "AAAA",
});
const jsonText = (value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 8, arbitrary: value.map((each) => JSON.stringify(each)) },
    { weight: 1, arbitrary: json },
  );

/** Signs a text for this worker, as a sender that it allows. */
async function signed(text: string, recipient: string): Promise<Uint8Array> {
  const { grant, runKey } = await world();
  const message = await signCall(encoder.encode(text), {
    ...{ key: runKey, run: RUN, sender: "alice", recipient },
    lifetimeMs: 60_000,
  });
  return framed(grant, message);
}

function framed(grant: Uint8Array, message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + grant.length + message.length);
  new DataView(bytes.buffer).setUint32(0, grant.length);
  bytes.set(grant, 4);
  bytes.set(message, 4 + grant.length);
  return bytes;
}

/** What a worker does with a chunk up to the first contact with a host. */
async function takeChunk(opener: ChunkOpener, bytes: Uint8Array) {
  const verified = await opener.verify(bytes);
  const opened = await opener.open(verified);
  opened.hosts.map(receivedHost);
  await refuseOwnMachine(opened);
  JSON.stringify([verified.chunk, opened]);
}

/** Reads with each reader; only errors of the last one are passed on at once. */
async function all(
  attempts: readonly (() => unknown)[],
): Promise<void> {
  const errors: unknown[] = [];
  for (const attempt of attempts) {
    try {
      await attempt();
    } catch (error) {
      errors.push(error);
    }
  }
  const fault = errors.find((error) => faultOf(error) !== undefined);
  if (fault !== undefined) throw fault;
}

/** Stands between the lines of an entry, which stand on one line here. */
const MARK = "\x1e";

const result = members({
  status: one("ok", "failed", "cancelled", "x"),
  ...{ changed: false, rc: 0, duration_ms: 1, result: {}, stdout: "a" },
  phases_ms: members({ connect: 1 }),
  error: fc.oneof(
    fc.constant(null),
    members({ kind: "call", phase: "call", message: "m", hint: null }),
  ),
});
const event = fc.oneof(
  members({ event: "host_phase", host: "web1", phase: "connect", ms: 1 }),
  members({ event: "output", host: "web1", stream: "stdout", text: "x" }),
  members({ event: "progress", host: "web1", data: {} }),
  members({ event: "learned", args: {} }),
  members({ event: one("run_end", "result"), host: "web1" }),
);
const indexes = fc.oneof(
  { weight: 15, arbitrary: fc.array(one(0, 0, 1, 2, -1), { maxLength: 3 }) },
  { weight: 1, arbitrary: one(Array(50).fill(0), Array(51).fill(0)) },
);
/** The note, the head and the other lines of an entry, with a mark between them. */
const entry = fc.tuple(
  jsonText(members({ id: "1", entry: "e", begin: indexes, done: indexes })),
  jsonText(members({
    ...{ worker: "w", id: one("1", "2"), begin: indexes, lost: indexes },
    results: indexes,
  })),
  fc.array(jsonText(fc.oneof(result, event)), { maxLength: 3 }),
).map(([note, head, lines]) => [note, head, ...lines].join(MARK));
const report = fc.oneof(
  fc.tuple(fc.constant<EventKind>("log"), one(0, 0, 1, 2, -1, NaN), entry),
  other(),
).map(([kind, index, text]) => `${kind} ${index} ${text}`);

/** Messages that are not entries of logs. */
function other() {
  return fc.tuple(
    one<EventKind>("start", "start", "log", "refused", "end"),
    one(0, 0, 1, 2, -1, NaN),
    jsonText(fc.oneof(
      members({
        ...{ event: "run_start", t: 0, run: RUN, module: "ping", args: {} },
        hosts: one<unknown>(["web1", "db1"], ["web1"], [], ["a", "a"]),
        started: "2026-11-29T12:00:00Z",
        ...{ check: true, command: ["x"], warnings: ["w"] },
        logs: members({ sizes: one<unknown>([2], [1], [2, 2]), sites: [0, 0] }),
      }),
      members({
        ...{ worker: "w", id: "1", why: "no", isFinal: one(true, false) },
        ...{ chunk: one(0, 1, -1), hosts: one<unknown>([0], [0, 0, 7]) },
      }),
      members({ event: "run_end", args: {} }),
    )),
  );
}

/** The bytes of an entry. */
function entryOf(text: string): Uint8Array {
  const [note = "", ...lines] = text.split(MARK).map((each) =>
    encoder.encode(each)
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, note.length);
  const body = lines.flatMap((line) => [...line, 10]);
  return Uint8Array.from([...length, ...note, ...body.slice(0, -1)]);
}

/** Follows a run: lines of a kind, an index and a body. */
async function followLines(text: string): Promise<void> {
  const { open } = plainPacking({
    pack: (body) => Promise.resolve(body),
    unpack: (message) => Promise.resolve(message),
  });
  const run = new FollowedRun(
    { open, openOwn: open, openRefusal: open },
    () => Promise.resolve(false),
  );
  let results = 0;
  const start = JSON.stringify({
    ...{ event: "run_start", t: 0, run: RUN, module: null, args: {} },
    ...{ hosts: ["web1", "db1"], started: "", logs: { sizes: [1] } },
    detached: true,
  });
  let isOver = false;
  for (const line of [`start 0 ${start}`, ...text.split("\n")]) {
    const [, kind = "", index = "", body = ""] =
      /^(\w+) (\S+) (.*)$/s.exec(line) ?? [];
    const events = await run.take({
      kind: kind as EventKind,
      index: Number(index),
      time: 5,
      data: kind === "log" ? entryOf(body) : encoder.encode(body),
    }) ?? [];
    for (const event of events) {
      JSON.stringify(event);
      if (event.event === "result" && ++results > 2) {
        throw new Disagreement("a host has two results");
      }
      isOver ||= event.event === "run_end";
    }
    if (isOver) return;
  }
}

const publicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGUKvW0nJyk0nHcqqXHdCNKJ9VCq5b2zqy2sDB8Y6gWd";
const workerKey = await workerKeyText(new Uint8Array(32).fill(7));

const targets: readonly Target[] = [
  {
    name: "nats_chunks",
    share: SIGNED,
    grammar: jsonText(chunk),
    async read(input) {
      const { strict, open } = await world();
      const signedForSite = await signed(textOf(input), siteRecipient(SITE));
      await all([
        () => takeChunk(strict, signedForSite),
        () => takeChunk(open, framed(new Uint8Array(), input)),
      ]);
    },
  },
  {
    name: "nats_sealed_chunks",
    share: SIGNED,
    grammar: jsonText(body),
    async read(input) {
      const { strict, worker, sender } = await world();
      const sealed = await sealBytes(input, [worker.publicKey], {
        ...{ run: RUN, purpose: PURPOSE, sender: sender.fingerprint },
      });
      const text = chunkText(sealed);
      const message = await signed(text, siteRecipient(SITE));
      await takeChunk(strict, message);
    },
  },
  {
    name: "nats_signed",
    share: SIGNED,
    grammar: fc.tuple(
      one("grant", "statement", "message", "seal", "event", "signature"),
      fc.array(
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)),
        { maxLength: 3 },
      ),
      one(0, 0, 0, 1, 4, 40, 200),
    ).map((parts) => JSON.stringify(parts)),
    mutates: false,
    read: (input) => readChanged(JSON.parse(textOf(input))),
  },
  {
    name: "nats_statements",
    share: SIGNED,
    grammar: jsonText(members({
      id: "3b241101-e2bb-4255-8caf-4136c566a962",
      run: one(RUN, "other"),
      recipient: one(siteRecipient(SITE), runRecipient(RUN), "x"),
      sender: "alice",
      sha256:
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      issued: one(Date.now(), 0, -1, 8.64e15 + 1, Number.MAX_SAFE_INTEGER),
      expires: one(Date.now() + 60_000, 0, Number.MAX_SAFE_INTEGER),
    })),
    async read(input) {
      const { strict, grant, runKey } = await world();
      const signature = await runKey.sign(input.slice(), "ftl-call");
      const parts: Uint8Array[] = [
        encoder.encode("ftl-call"),
        Uint8Array.of(1),
      ];
      for (const part of [input, signature]) {
        const length = new Uint8Array(4);
        new DataView(length.buffer).setUint32(0, part.length);
        parts.push(length, part);
      }
      await strict.verify(
        framed(grant, Uint8Array.from(parts.flatMap((part) => [...part]))),
      );
    },
  },
  {
    name: "nats_reports",
    grammar: fc.array(report, { maxLength: 5 }).map((lines) =>
      lines.join("\n")
    ),
    read: (input) => followLines(textOf(input)),
  },
  {
    name: "nats_notes",
    share: SIGNED,
    grammar: jsonText(fc.oneof(
      members({ nonce: "n", worker: "w", id: "i", key: workerKey }),
      members({ nonce: "n", refused: "no" }),
      members({ type: one("beat", "cancel"), number: one(0, 1) }),
      members({ run: RUN, index: 3 }),
      members({
        ...{ worker: "w", id: "i", site: null, ftl: "0.1.0", build: "b" },
        ...{ key: workerKey, hosts: 1, upMs: 5 },
      }),
    )),
    async read(input) {
      const { strict, open } = await world();
      const about = { run: RUN, signer: undefined };
      const message = await signed(textOf(input), runRecipient(RUN));
      await all([
        () => readJoinRequest(input),
        () => readJoinAnswer(input),
        () => readStatus(input),
        () => askedHost(input),
        () => strict.control(message, about),
        () => open.control(framed(new Uint8Array(), input), about),
        () => open.answer(framed(new Uint8Array(), input), RUN),
      ]);
    },
  },
  {
    name: "allowed_senders",
    grammar: linesOf(
      fc.oneof(
        wordsOf([
          ...[
            publicKey,
            "alice",
            "a*",
            ",",
            " ",
            "\t",
            '"',
            "#",
            "ssh-rsa AAAA",
          ],
          ...['namespaces="ftl-call"', 'namespaces="*,!x"', "cert-authority"],
          ...[
            'valid-after="20261231"',
            'valid-before="99999999Z"',
            "=",
            "ecdsa-sha2-nistp256 AAAA",
          ],
          ...[
            'valid-before="000001010000Z"',
            "restrict",
            "sk-ssh-ed25519@openssh.com",
          ],
        ], 8),
        word,
      ),
      5,
    ),
    read(input) {
      parseAllowedSenders(textOf(input), "allowed");
    },
  },
  {
    name: "known_workers",
    grammar: linesOf(
      wordsOf([
        workerKey,
        "w1",
        " ",
        "ftl-worker-",
        "#",
        "\t",
        "A".repeat(48),
        "é",
      ], 6),
      5,
    ),
    async read(input) {
      const path = join((await world()).folder, "known_workers");
      await Deno.writeFile(path, input);
      const known = await KnownWorkers.load(path);
      await all(
        ["w1", "x", ""].map((name) => () =>
          known.check({ name, key: workerKey })
        ),
      );
    },
  },
  {
    name: "seen_calls",
    share: 0.3,
    grammar: linesOf(
      wordsOf(["99999999999999", "1", " ", "id-1", "forgotten", "\0", "-"], 5),
      8,
    ),
    async read(input) {
      const folder = join((await world()).folder, "seen");
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      await Deno.writeFile(join(folder, "seen_calls"), input);
      const seen = await SeenCalls.open(folder);
      try {
        await seen.take({ id: "id-1", expires: 99999999999999 });
        if (!seen.has("id-1")) throw new Disagreement("a call is not known");
      } finally {
        seen.close();
      }
    },
  },
];

export const natsTargets: readonly Target[] = targets.map((target) => ({
  ...target,
  end: closeWorld,
}));

type Changed = [
  part: string,
  changes: readonly (readonly [at: number, byte: number])[],
  cut: number,
];

/** Reads a whole message of which some bytes are others, or the end is missing. */
async function readChanged([part, changes, cut]: Changed): Promise<void> {
  const { strict, grant, runKey, worker, sealer, opener, sender } =
    await world();
  const content = encoder.encode("{}");
  const make: Record<string, () => Promise<Uint8Array>> = {
    grant: () => Promise.resolve(grant),
    statement: () =>
      signCall(content, {
        ...{ key: runKey, run: RUN, sender: "a", lifetimeMs: 60_000 },
        recipient: siteRecipient(SITE),
      }),
    message: () => signed("{}", siteRecipient(SITE)),
    seal: () =>
      sealBytes(content, [worker.publicKey], {
        ...{ run: RUN, purpose: PURPOSE, sender: sender.fingerprint },
      }),
    event: () => Promise.resolve(sealer.seal(content)),
    signature: () => runKey.sign(content, "ftl-call"),
  };
  const bytes = Uint8Array.from(await make[part]!());
  for (const [at, byte] of changes) {
    bytes[Math.min(bytes.length - 1, Math.floor(at * bytes.length))] = byte;
  }
  const cutBytes = bytes.subarray(0, Math.max(0, bytes.length - cut));
  switch (part) {
    case "grant":
      return void await strict.verify(
        framed(cutBytes, await make.statement!()),
      );
    case "statement":
      return void await strict.verify(framed(grant, cutBytes));
    case "message":
      return void await strict.verify(cutBytes);
    case "event":
      return void await opener.open(cutBytes);
    case "signature":
      try {
        parseSshSignature(cutBytes);
      } catch (error) {
        // Its errors are the end of a sentence.
        if (!(error instanceof WireViolation)) throw error;
      }
      return;
    case "seal": {
      const text = chunkText(cutBytes);
      return await takeChunk(strict, await signed(text, siteRecipient(SITE)));
    }
  }
}

/** A chunk of one host, whose call is sealed in these bytes. */
function chunkText(sealed: Uint8Array): string {
  return JSON.stringify({
    ...{ ftl: "0.1.0", build: "b", run: RUN, chunk: 0, log: 0 },
    ...{ detached: false, hosts: [0], sealed: sealed.toBase64() },
  });
}
