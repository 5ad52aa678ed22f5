// What a sender that is allowed, a worker, and everybody who may publish on the server
// can and cannot do.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import type { RunEvent } from "../../../src/core/call/run_event.ts";
import { AllowedSenders } from "../../../src/core/nats/trust/allowed_senders.ts";
import { encodeEntry } from "../../../src/core/nats/messages/log_entry.ts";
import { listWorkers } from "../../../src/core/nats/sender/list_workers.ts";
import {
  EVENTS,
  SUBJECTS,
} from "../../../src/core/nats/server/nats_subjects.ts";
import { makeExchangeKey } from "../../../src/core/nats/trust/exchange_key.ts";
import { reportPacking } from "../../../src/core/nats/trust/run_packing.ts";
import {
  GrantedKeys,
  makeRunKey,
} from "../../../src/core/nats/trust/run_key.ts";
import { SeenCalls } from "../../../src/core/nats/trust/seen_calls.ts";
import {
  receiverClaimedBy,
  type SenderTrust,
} from "../../../src/core/nats/trust/signed_message.ts";
import type { SigningKey } from "../../../src/core/nats/trust/signing_key.ts";
import { collect } from "../../../src/core/run/run.ts";
import {
  type NatsHosts,
  type NatsHostsOptions,
  testNatsHosts,
} from "../../support/nats_hosts.ts";

interface Lab {
  readonly hosts: NatsHosts;
  readonly key: SigningKey;
  readonly trust: SenderTrust;
}

function test(
  name: string,
  options: NatsHostsOptions,
  fn: (lab: Lab) => Promise<void>,
): void {
  testNatsHosts(name, options, async (hosts) => {
    const key = await makeRunKey();
    const path = join(hosts.folder, "allowed");
    await Deno.writeTextFile(path, `ann ${key.line}\n`);
    const seen = await SeenCalls.open(join(hosts.folder, "seen"));
    const granted = new GrantedKeys(new AllowedSenders(path));
    try {
      await fn({
        ...{ hosts, key },
        trust: { granted, seen, folder: join(hosts.folder, "begun") },
      });
    } finally {
      seen.close();
    }
  });
}

/** All messages of the stream of events, as text. */
async function storedText(hosts: NatsHosts): Promise<string> {
  const { admin } = await hosts.lab.link();
  const { state } = await admin.streams.info(EVENTS);
  let text = "";
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await admin.streams.getMessage(EVENTS, { seq });
    text += new TextDecoder().decode(message?.data) + "\n";
  }
  return text;
}

test("results cannot be read on the server", { hosts: 1 }, async (lab) => {
  const { hosts, key, trust } = lab;
  await hosts.worker({ trust });
  const engine = await hosts.engine({ key });
  const { results } = await collect(engine.run({
    call: { command: ["echo the-answer-is-$((40 + 2))"] },
  }));
  const stdout = JSON.stringify(new Map(results).get("h0")?.result);
  assertStringIncludes(stdout, "the-answer-is-42");
  assertEquals((await storedText(hosts)).includes("the-answer-is"), false);
});

test(
  "a result that another publishes does not become that of a host",
  { hosts: 2 },
  async ({ hosts, key, trust }) => {
    await hosts.worker({ trust });
    const engine = await hosts.engine({ key });
    const wait = await hosts.hold();
    const { connection } = await hosts.lab.link("attacker");
    const { run, rest } = await start(
      engine.run({ call: hosts.noteCall(wait) }),
    );
    await hosts.untilLines("begin", 2);
    const writer = { worker: "w1", id: "forged" };
    const head = { status: "ok", changed: false, rc: 0, error: null };
    const text = JSON.stringify({
      ...{ ...head, duration_ms: 1, phases_ms: {}, result: { forged: true } },
    });
    const message = await encodeEntry(
      { lost: [0], results: [{ index: 0, text }, { index: 1, text }] },
      {
        ...{ writer, entry: "e" },
        pack: (body) => Promise.resolve(Uint8Array.of(1, ...body)),
      },
    );
    for (const kind of ["log", "refused", "end"] as const) {
      for (const index of [0, 1]) {
        connection.publish(SUBJECTS.event(run, kind, index), message);
      }
    }
    await connection.flush();
    await Deno.remove(wait);
    const events = await rest;
    assertEquals(JSON.stringify(events).includes("forged"), false);
    assertEquals(statusesOf(events), ["h0 ok", "h1 ok"]);
  },
);

test(
  "garbage on every subject ends neither worker nor sender",
  { hosts: 1 },
  async ({ hosts, key, trust }) => {
    const worker = await hosts.worker({ trust });
    const engine = await hosts.engine({ key });
    const wait = await hosts.hold();
    const { connection } = await hosts.lab.link("attacker");
    const { run, rest } = await start(
      engine.run({ call: hosts.noteCall(wait) }),
    );
    await hosts.untilLines("begin", 1);
    const subjects = [
      SUBJECTS.sender(run),
      SUBJECTS.control(run),
      SUBJECTS.beats(run),
      SUBJECTS.workers,
      SUBJECTS.calls("_any", run, 999),
      `${SUBJECTS.calls("_any", run, 999)}x`,
      SUBJECTS.event(run, "log", 0),
      SUBJECTS.event(run, "log", 99),
      SUBJECTS.event(run, "refused", 99),
    ];
    for (const text of ["", "x", "null", "[]", '{"id":{}}', "\0\0\0\0"]) {
      const message = new TextEncoder().encode(text);
      for (const subject of subjects) {
        connection.publish(subject, message, { reply: "nobody" });
      }
    }
    await connection.flush();
    await Deno.remove(wait);
    assertEquals(statusesOf(await rest), ["h0 ok"]);
    await worker.stop();
  },
);

test(
  "a worker that asks in a malformed way gets no answer, and one that answers so is not listed",
  { hosts: 1 },
  async ({ hosts, key, trust }) => {
    await hosts.worker({ trust });
    const engine = await hosts.engine({ key });
    const wait = await hosts.hold();
    const { connection, ...link } = await hosts.lab.link("attacker");
    const { run, rest } = await start(
      engine.run({ call: hosts.noteCall(wait) }),
    );
    await hosts.untilLines("begin", 1);
    const uuid = crypto.randomUUID();
    const good = { nonce: uuid, worker: "w9", id: uuid, key: "k" };
    const encode = (value: unknown) =>
      new TextEncoder().encode(JSON.stringify(value));
    const ask = (request: unknown) =>
      connection.request(SUBJECTS.sender(run), encode(request), {
        timeout: 1_000,
      });
    for (
      const bad of [
        { ...good, nonce: "x".repeat(1_000_000 / 2) },
        { ...good, id: "../x" },
        { ...good, worker: "a\n\u001b[31m" },
        { ...good, key: 7 },
        [],
      ]
    ) {
      await assertRejects(() => ask(bad));
    }
    assert((await ask(good)).data.length > 0);
    connection.subscribe(SUBJECTS.workers, {
      callback: (_error, message) => {
        for (const each of [{}, { worker: 7 }, { worker: "a\nb", id: uuid }]) {
          message.respond(encode(each));
        }
      },
    });
    await connection.flush();
    const listed = await listWorkers({ connection, ...link });
    assertEquals(listed.map(({ worker }) => worker), ["w1"]);
    await Deno.remove(wait);
    assertEquals(statusesOf(await rest), ["h0 ok"]);
  },
);

test(
  "a refusal that another publishes or brings about ends no host",
  { hosts: 2 },
  async ({ hosts, key, trust }) => {
    const home = join(hosts.folder, "worker");
    const worker = await hosts.worker({ trust, home });
    const { known } = await hosts.lab.sealing(worker);
    const engine = await hosts.engine({ key, known });
    const { connection, stream } = await hosts.lab.link("attacker");
    const seen: Uint8Array[] = [];
    connection.subscribe("ftl.calls.>", {
      callback: (_error, { data }) => void seen.push(data),
    });
    await connection.flush();
    await worker.stop(); // the queue is there now
    const { run, rest } = await start(engine.run({ call: hosts.noteCall() }));
    while (seen.length < 2) await new Promise((done) => setTimeout(done, 20));
    const [signed] = seen as [Uint8Array];
    const receiver = receiverClaimedBy(signed.subarray(1));
    assert(receiver);
    const encode = (value: unknown) =>
      new TextEncoder().encode(JSON.stringify(value));
    const plain = {
      pack: (body: Uint8Array) => Promise.resolve(Uint8Array.of(1, ...body)),
      unpack: () => Promise.reject(),
    };
    const workerKey = await makeExchangeKey();
    const sealed = await reportPacking(plain, { run, receiver, workerKey });
    for (const chunk of [0, 1]) {
      for (const name of ["w1", "w9"]) {
        const note = { worker: name, id: "x", why: "forged", isFinal: true };
        for (const { pack } of [plain, sealed]) {
          const body = await pack(encode({ ...note, chunk, hosts: [0, 1] }));
          await stream.publish(SUBJECTS.event(run, "refused", chunk), body);
        }
      }
    }
    // An honest worker refuses these at the addresses of chunks that it did not get.
    await connection.flush();
    for (const data of seen.slice(0, 2)) {
      for (const chunk of [0, 1]) {
        await stream.publish(SUBJECTS.calls("_any", run, chunk), data);
      }
    }
    await hosts.worker({ trust, home });
    assertEquals(statusesOf(await rest), ["h0 ok", "h1 ok"]);
  },
);

/** Starts a run; its other events are collected in the background. */
async function start(
  events: AsyncGenerator<RunEvent, void, void>,
): Promise<{ run: string; rest: Promise<RunEvent[]> }> {
  const { value } = await events.next();
  assert(value?.event === "run_start");
  return { run: value.run, rest: Array.fromAsync(events) };
}

function statusesOf(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) =>
    event.event === "result" ? [`${event.host} ${event.status}`] : []
  ).toSorted();
}
