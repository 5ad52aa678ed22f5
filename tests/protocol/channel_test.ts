import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import { ConnectError, GateError } from "../../src/errors.ts";
import { Budget } from "../../src/protocol/reply_budget.ts";
import { joinBytes } from "../../src/join_bytes.ts";
import type { CallEvent, Request } from "../../src/protocol/message.ts";
import { encodeMessage, GATE, HASH, Peer, result } from "./peer.ts";

const CALL: Request = { type: "Call", data: { module: "ping", args: {} } };
const PING: Request = { type: "Ping", data: {} };

/** The error that closed a channel, which must be a fault of the gate. */
async function faultOf(peer: Peer): Promise<string> {
  const error = await peer.channel.closed;
  assertInstanceOf(error, GateError);
  assertEquals(error.host, "web1");
  return error.message;
}

Deno.test("hello() sends the nonce and resolves with the gate's data", async () => {
  const peer = new Peer();
  const hello = peer.channel.hello();
  assertEquals(peer.messages, [
    { type: "Hello", data: { ftl: 2, nonce: "n1" }, id: 0 },
  ]);
  peer.say(["Hello", { ftl: 2, nonce: "n1", ...GATE, later: 1 }, 0]);
  assertEquals(await hello, { ftl: 2, nonce: "n1", ...GATE });
});

for (
  const [name, reply, message] of [
    [
      "an echo",
      ["Hello", { ftl: 2, nonce: "n1" }, 0],
      "it speaks only version 1 of the protocol",
    ],
    [
      "an echo without an id",
      ["Hello", { ftl: 2, nonce: "n1" }],
      "it speaks only version 1 of the protocol",
    ],
    [
      "an echo of nothing",
      ["Hello", null],
      "it speaks only version 1 of the protocol",
    ],
    [
      "another nonce",
      ["Hello", { ftl: 2, nonce: "n2", ...GATE }, 0],
      "its Hello belongs to another conversation",
    ],
    [
      "another id",
      ["Hello", { ftl: 2, nonce: "n1", ...GATE }, 1],
      "its Hello belongs to another conversation",
    ],
    [
      "a pid that is a string",
      ["Hello", { ftl: 2, nonce: "n1", ...GATE, pid: "1" }, 0],
      "it broke the protocol: cannot read a message: its `pid` is not a whole number",
    ],
    [
      "an error of v1",
      ["GateSystemError", { message: "too many values to unpack" }],
      'it answered Hello with "GateSystemError": "too many values to unpack"',
    ],
    ["a result", ["Result", result(), 1], 'it answered Hello with "Result"'],
  ] as const
) {
  Deno.test(`hello() rejects ${name}, and closes`, async () => {
    const peer = new Peer();
    const hello = peer.channel.hello();
    const call = assertRejects(() => peer.channel.call(CALL), GateError);
    peer.say(reply);
    const error = await assertRejects(() => hello, GateError);
    assertEquals(error.message, `Cannot open the gate: ${message}`);
    assertEquals(error.phase, "start");
    assertEquals(error.host, "web1");
    assertEquals(await peer.channel.closed, error);
    assertEquals(await call, error);
  });
}

Deno.test("hello() rejects with the signal's reason when it aborts, and closes", async () => {
  for (const early of [true, false]) {
    const peer = new Peer();
    const controller = new AbortController();
    const reason = new Error("too slow");
    if (early) controller.abort(reason);
    const hello = peer.channel.hello(controller.signal);
    controller.abort(reason);
    assertEquals(await assertRejects(() => hello), reason);
    assertInstanceOf(await peer.channel.closed, ConnectError);
    assertEquals(peer.types, early ? [] : ["Hello"]);
  }
});

Deno.test("an abort after hello() has resolved changes nothing", async () => {
  const peer = new Peer();
  const controller = new AbortController();
  const hello = peer.channel.hello(controller.signal);
  peer.say(["Hello", { ftl: 2, nonce: "n1", ...GATE }, 0]);
  await hello;
  controller.abort();
  const pong = peer.channel.call(PING);
  peer.say(["Pong", {}, 1]);
  assertEquals(await pong, { type: "Pong", data: {} });
});

Deno.test("call() before hello() is a TypeError", async () => {
  await assertRejects(() => new Peer().channel.call(CALL), TypeError);
});

Deno.test("call() sends before the gate has sent its Hello", async () => {
  const peer = new Peer();
  const hello = peer.channel.hello();
  const call = peer.channel.call(CALL);
  assertEquals(peer.types, ["Hello", "Call"]);
  peer.say(["Hello", { ftl: 2, nonce: "n1", ...GATE }, 0]);
  peer.say(["Result", result({ stdout: "hi" }), 1]);
  await hello;
  assertEquals(await call, { type: "Result", data: result({ stdout: "hi" }) });
});

Deno.test("call() resolves each type of request with its reply", async () => {
  const peer = await new Peer().open();
  const info = { ...GATE, calls: 1, running: 0, waiting: 0, modules: ["ping"] };
  const exchanges: [Request, string, object][] = [
    [CALL, "Result", result()],
    [{ type: "Pack", data: { sha256: HASH, data: "UEs=" } }, "Stored", {
      sha256: HASH,
    }],
    [PING, "Pong", {}],
    [{ type: "Info", data: {} }, "Info", info],
    [{ type: "Shutdown", data: {} }, "Goodbye", {}],
  ];
  let id = 0;
  for (const [request, type, data] of exchanges) {
    const reply = peer.channel.call(request);
    peer.say([type, data, ++id]);
    assertEquals(await reply as unknown, { type, data });
  }
  assertEquals(await peer.channel.closed, undefined);
});

Deno.test("call() resolves with an Error to any request", async () => {
  const peer = await new Peer().open();
  const data = { kind: "no_pack", message: "No such pack" };
  const reply = peer.channel.call(CALL);
  peer.say(["Error", data, 1]);
  assertEquals(await reply as unknown, { type: "Error", data });
});

Deno.test("call() emits events in order and before the reply", async () => {
  const peer = await new Peer().open();
  const events: CallEvent[] = [];
  const call = peer.channel.call(CALL, {
    onEvent: (event) => events.push(event),
  });
  peer.say(["Output", { stream: "stdout", text: "é" }, 1]);
  peer.say(["Progress", { data: [1, null] }, 1]);
  peer.say(["Output", { stream: "stderr", text: "" }, 1]);
  peer.say(["Result", result(), 1]);
  assertEquals(events, [
    { type: "Output", data: { stream: "stdout", text: "é" } },
    { type: "Progress", data: { data: [1, null] } },
    { type: "Output", data: { stream: "stderr", text: "" } },
  ]);
  await call;
});

Deno.test("hello() has resolved before an event of the same chunk", async () => {
  const peer = new Peer();
  const seen: string[] = [];
  const hello = peer.channel.hello();
  const opened = hello.then(() => {}).then(() => seen.push("opened"));
  const call = peer.channel.call(CALL, {
    onEvent: ({ type }) => seen.push(type),
  });
  await peer.write(joinBytes([
    encodeMessage(["Hello", { ftl: 2, nonce: "n1", ...GATE }, 0]),
    encodeMessage(["Output", { stream: "stdout", text: "é" }, 1]),
    encodeMessage(["Result", result(), 1]),
  ]));
  await Promise.all([opened, call]);
  assertEquals(seen, ["opened", "Output"]);
});

Deno.test("an onEvent that throws rejects its call and no other", async () => {
  const peer = await new Peer().open();
  const fault = new Error("no room");
  const first = peer.channel.call(CALL, {
    onEvent: () => {
      throw fault;
    },
  });
  const second = peer.channel.call(CALL);
  peer.say(["Progress", { data: 1 }, 1]);
  peer.say(["Result", result(), 1]);
  peer.say(["Result", result(), 2]);
  assertEquals(await assertRejects(() => first), fault);
  assertEquals((await second).type, "Result");
});

Deno.test("onSent receives the id, which a later call uses as after", async () => {
  const peer = await new Peer().open();
  let first = 0;
  const calls = [
    peer.channel.call(CALL, { onSent: (id) => first = id }),
    peer.channel.call({
      type: "Call",
      data: { module: "b", args: {}, after: first },
    }),
  ];
  assertEquals(peer.messages.at(-1)?.data, { module: "b", args: {}, after: 1 });
  peer.say(["Result", result({ rc: 1 }), 1]);
  peer.say([
    "Result",
    result({ state: "cancelled", rc: null, reason: "…" }),
    2,
  ]);
  const states = (await Promise.all(calls)).map((reply) =>
    reply.type === "Result" && reply.data.state
  );
  assertEquals(states, ["ended", "cancelled"]);
});

Deno.test("an onSent that throws rejects the call, which is not sent", async () => {
  const peer = await new Peer().open();
  const fault = new Error("no");
  const onSent = () => {
    throw fault;
  };
  assertEquals(
    await assertRejects(() => peer.channel.call(CALL, { onSent })),
    fault,
  );
  assertEquals(peer.types, ["Hello"]);
  assertEquals(peer.channel.pending, 0);
});

Deno.test("an abort cancels a call, which resolves with the gate's result", async () => {
  const peer = await new Peer().open();
  const controller = new AbortController();
  const call = peer.channel.call(CALL, { signal: controller.signal });
  controller.abort();
  assertEquals(peer.messages.at(-1), { type: "Cancel", data: {}, id: 1 });
  assertEquals(peer.channel.pending, 1);
  const data = result({ state: "cancelled", rc: null, signal: 15 });
  peer.say(["Result", data, 1]);
  assertEquals(await call, { type: "Result", data });
});

Deno.test("an abort before a call rejects it unsent, and one after its result sends nothing", async () => {
  const peer = await new Peer().open();
  const reason = new Error("stop");
  const aborted = AbortSignal.abort(reason);
  assertEquals(
    await assertRejects(() => peer.channel.call(CALL, { signal: aborted })),
    reason,
  );
  const controller = new AbortController();
  const call = peer.channel.call(CALL, { signal: controller.signal });
  peer.say(["Result", result(), 1]);
  await call;
  controller.abort();
  assertEquals(peer.types, ["Hello", "Call"]);
});

Deno.test("an abort of another request rejects it, and its late reply is ignored", async () => {
  const peer = await new Peer().open();
  const controller = new AbortController();
  const { signal } = controller;
  const ping = peer.channel.call(PING, { signal });
  controller.abort(new Error("never mind"));
  await assertRejects(() => ping, Error, "never mind");
  peer.say(["Pong", {}, 1]);
  const pong = peer.channel.call(PING);
  peer.say(["Pong", {}, 2]);
  assertEquals((await pong).type, "Pong");
});

Deno.test("a cancelled call rejects when the channel closes first", async () => {
  const peer = await new Peer().open();
  const controller = new AbortController();
  const call = peer.channel.call(CALL, { signal: controller.signal });
  controller.abort();
  peer.channel.end();
  await assertRejects(
    () => call,
    ConnectError,
    "Lost the gate: its output ended",
  );
});

Deno.test("a large request goes as a series, and a ping passes it", async () => {
  const gates: (() => void)[] = [];
  const peer = await new Peer({
    write: () => new Promise<void>((resolve) => void gates.push(resolve)),
  }).open();
  const data = "A".repeat(3_000_000);
  const pack = peer.channel.call({
    type: "Pack",
    data: { sha256: HASH, data },
  });
  peer.clock.pass(15_000);
  assertEquals(peer.types.at(-1), "Ping");
  while (peer.messages.at(-1)?.type !== "Pack") {
    for (const open of gates.splice(0)) open();
    await new Promise((resolve) => setTimeout(resolve));
  }
  assertEquals(peer.messages.at(-1)?.data, { sha256: HASH, data });
  assert(peer.bodies.every((body) => body.length <= 256 * 1024));
  peer.say(["Pong", {}, 2]);
  peer.say(["Stored", { sha256: HASH }, 1]);
  assertEquals((await pack).type, "Stored");
});

Deno.test("a large reply is joined, with other replies between its parts", async () => {
  const peer = await new Peer().open();
  const large = peer.channel.call(CALL);
  const small = peer.channel.call(CALL);
  const stdout = 'é€😀"\\\n'.repeat(300_000);
  const text = JSON.stringify(["Result", result({ stdout }), 1]);
  const middle = text.length / 2 - text.length / 2 % 7;
  peer.say(["Data", { part: text.slice(0, middle), last: false }, 1]);
  peer.say(["Result", result({ stdout: "small" }), 2]);
  assertEquals((await small).type, "Result");
  peer.say(["Data", { part: text.slice(middle), last: true }, 1]);
  const reply = await large;
  assert(reply.type === "Result" && reply.data.stdout === stdout);
});

const FAULTS: [name: string, message: unknown, fault: string][] = [
  [
    "a reply to no request",
    ["Result", result(), 77],
    "no request has the id 77",
  ],
  ["a Pong to no ping", ["Pong", {}, 77], "no request has the id 77"],
  [
    "a reply of another type",
    ["Stored", { sha256: HASH }, 1],
    'it answered a Call with "Stored"',
  ],
  [
    "a type of no reply",
    ["__proto__", {}, 1],
    'it answered a Call with "__proto__"',
  ],
  ["a request", ["Call", CALL.data, 1], 'it answered a Call with "Call"'],
  ["a Hello again", ["Hello", {}, 1], 'it answered a Call with "Hello"'],
  [
    "an event of another request",
    ["Progress", { data: 1 }, 2],
    'it answered a Ping with "Progress"',
  ],
  [
    "a member that is wrong",
    ["Result", result({ rc: 0.5 }), 1],
    "its `rc` is not a whole number",
  ],
  [
    "an event that is wrong",
    ["Output", { stream: "tty" }, 1],
    "its `stream` is not one of stdout, stderr",
  ],
  [
    "data that is not an object",
    ["Result", [], 1],
    "its data is not an object",
  ],
  [
    "an id that is not a number",
    ["Result", result(), "1"],
    "its id is not a whole number",
  ],
  ["no array", {}, "it is not an array of two or three elements"],
  [
    "a part for no request",
    ["Data", { part: "", last: false }, 77],
    "no request has the id 77",
  ],
  [
    "a part that is wrong",
    ["Data", { part: 1, last: false }, 1],
    "cannot read a series",
  ],
];

for (const [name, message, fault] of FAULTS) {
  Deno.test(`a gate that sends ${name} has its channel closed and all calls failed`, async () => {
    const peer = await new Peer().open();
    const calls = [CALL, PING].map((request) =>
      assertRejects(() => peer.channel.call(request), GateError)
    );
    peer.say(message);
    const text = await faultOf(peer);
    assertStringIncludes(
      text,
      "Cannot continue with the gate: it broke the protocol: ",
    );
    assertStringIncludes(text, fault);
    for (const call of calls) assertEquals((await call).phase, "call");
    await assertRejects(() => peer.channel.call(CALL), GateError);
    assertEquals(peer.channel.pending, 0);
  });
}

Deno.test("a reply before garbage still counts", async () => {
  const peer = await new Peer().open();
  const call = peer.channel.call(CALL);
  const reply = encodeMessage(["Result", result(), 1]);
  const garbage = new TextEncoder().encode("Traceback (most recent call last)");
  peer.write(new Uint8Array([...reply, ...garbage]));
  assertEquals((await call).type, "Result");
  assertStringIncludes(
    await faultOf(peer),
    '"Traceback (most recent call last)"',
  );
});

Deno.test("a gate's own error message is quoted, at bounded length", async () => {
  for (
    const message of [
      ["GateSystemError", { message: "x".repeat(10_000) }],
      ["Error", { kind: "bad_message", message: "x".repeat(10_000) }, 0],
    ]
  ) {
    const peer = await new Peer().open();
    peer.say(message);
    const text = await faultOf(peer);
    assertStringIncludes(text, "it answered no request, but sent ");
    assert(text.length < 600);
  }
});

Deno.test("a gate that answers twice has its channel closed", async () => {
  const peer = await new Peer().open();
  const call = peer.channel.call(CALL);
  peer.say(["Result", result(), 1]);
  peer.say(["Result", result(), 1]);
  assertEquals((await call).type, "Result");
  assertStringIncludes(await faultOf(peer), "no request has the id 1");
});

Deno.test("end() inside a frame reports so, and keeps its cause", async () => {
  const peer = await new Peer().open();
  const call = peer.channel.call(CALL);
  const cause = new Error("ECONNRESET");
  peer.write(encodeMessage(["Result", result(), 1]).subarray(0, 50));
  peer.channel.end(cause);
  const error = await assertRejects(() => call, ConnectError);
  assertEquals(
    error.message,
    "Lost the gate: its output ended inside a message",
  );
  assertEquals(error.phase, "call");
  assertEquals(error.cause, cause);
  assertEquals(await peer.channel.closed, error);
});

Deno.test("close() before the gate's Hello rejects hello() and calls in phase start", async () => {
  const peer = new Peer();
  const waits = [peer.channel.hello(), peer.channel.call(CALL)];
  peer.channel.close();
  for (const wait of waits) {
    const error = await assertRejects(() => wait, ConnectError);
    assertEquals(error.phase, "start");
  }
  await assertRejects(() => peer.channel.call(CALL), ConnectError);
  assertEquals(await peer.channel.closed, undefined);
});

Deno.test("close() rejects pending requests with its error, once", async () => {
  const peer = await new Peer().open();
  const call = peer.channel.call(CALL);
  const error = new Error("the run is over");
  peer.channel.close(error);
  peer.channel.close(new Error("again"));
  peer.channel.end();
  assertEquals(await assertRejects(() => call), error);
  assertEquals(await peer.channel.closed, error);
  assertEquals(peer.say(["Result", result(), 1]), undefined);
});

Deno.test("a link that cannot be written to closes the channel with its cause", async () => {
  const cause = new Error("EPIPE");
  let broken = false;
  const peer = await new Peer({
    write: () => {
      if (broken) throw cause;
    },
  }).open();
  broken = true;
  const error = await assertRejects(
    () => peer.channel.call(CALL),
    ConnectError,
  );
  assertEquals(error.message, "Lost the gate: its input cannot be written");
  assertEquals(error.cause, cause);
});

Deno.test("close() stops a large request between two of its parts", async () => {
  const taken: (() => void)[] = [];
  const peer = await new Peer({
    write: () => new Promise<void>((resolve) => void taken.push(resolve)),
  }).open();
  const data = "A".repeat(3_000_000);
  const pack = peer.channel.call({
    type: "Pack",
    data: { sha256: HASH, data },
  });
  const failed = assertRejects(() => pack, ConnectError);
  peer.channel.close();
  for (const resolve of taken) resolve();
  await failed;
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(peer.bodies.length, 2, "Hello and one part");
});

Deno.test("no call leaves a listener on its signal, however it settles", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const peer = await new Peer().open();
  const answered = peer.channel.call(CALL, { signal });
  assertEquals(listeners, 1);
  peer.say(["Result", result(), 1]);
  await answered;
  assertEquals(listeners, 0);
  const lost = peer.channel.call(CALL, { signal });
  assertEquals(listeners, 1);
  peer.channel.close();
  await assertRejects(() => lost, ConnectError);
  assertEquals(listeners, 0);
});

Deno.test("the rest of a chunk after an error is neither read nor held", async () => {
  const budget = new Budget({ limit: 1_000_000 });
  const peer = await new Peer({ budget }).open();
  const fault = encodeMessage(["Result", result(), 77]);
  const rest = encodeMessage(["Nope", { text: "x".repeat(600_000) }, 1]);
  peer.write(new Uint8Array([...fault, ...rest.subarray(0, 500_000)]));
  assertStringIncludes(await faultOf(peer), "no request has the id 77");
  assertEquals(budget.used, 0);
});

Deno.test("Goodbye closes the channel without an error, and other calls reject", async () => {
  const peer = await new Peer().open();
  const call = assertRejects(
    () => peer.channel.call(CALL),
    ConnectError,
    "it was shut down",
  );
  const goodbye = peer.channel.call({ type: "Shutdown", data: {} });
  peer.say(["Goodbye", {}, 2]);
  assertEquals((await goodbye).type, "Goodbye");
  await call;
  assertEquals(await peer.channel.closed, undefined);
});

Deno.test("the channel pings every 15 s, accepts pongs, and closes after 60 s of silence", async () => {
  const peer = await new Peer().open();
  const call = peer.channel.call(CALL);
  for (let count = 1; count <= 10; count++) {
    peer.clock.pass(15_000);
    const ping = peer.messages.at(-1);
    assertEquals(ping?.type, "Ping");
    peer.say(["Pong", {}, ping?.id]);
  }
  assertEquals(peer.channel.pending, 1);
  peer.clock.pass(75_000);
  const error = await assertRejects(() => call, ConnectError);
  assertEquals(error.message, "Lost the gate: it was silent for 60 s");
  assertEquals(peer.clock.timers, 0);
});

Deno.test("the channel does not ping a gate before its Hello", () => {
  const peer = new Peer();
  void peer.channel.hello();
  peer.clock.pass(600_000);
  assertEquals(peer.types, ["Hello"]);
});

Deno.test("receive() makes a reader wait while others use up the budget", async () => {
  const budget = new Budget({ limit: 100_000 });
  const [first, second] = [
    await new Peer({ budget }).open(),
    await new Peer({ budget }).open(),
  ];
  const part = "x".repeat(400_000);
  const calls = [first, second].map((peer) => peer.channel.call(CALL));
  assertEquals(first.say(["Data", { part, last: false }, 1]), undefined);
  const wait = second.say(["Data", { part, last: false }, 1]);
  assert(wait instanceof Promise);
  second.clock.pass(300_000);
  assertEquals(
    second.channel.pending,
    1,
    "a gate that is not read is not silent",
  );
  first.channel.close();
  await wait;
  second.channel.close();
  await Promise.allSettled(calls);
  assertEquals(budget.used, 0);
});

Deno.test("a gate that keeps others waiting with half a reply is closed", async () => {
  const slow = new Peer();
  const budget = new Budget({ limit: 0, startTimer: slow.clock.startTimer });
  const [first, second] = [
    await new Peer({ budget }).open(),
    await new Peer({ budget }).open(),
  ];
  const part = "x".repeat(400_000);
  const failed = assertRejects(() => first.channel.call(CALL), GateError);
  const call = second.channel.call(CALL);
  first.say(["Data", { part, last: false }, 1]);
  const text = JSON.stringify(["Result", result({ stdout: part }), 1]);
  const wait = second.say(["Data", {
    part: text.slice(0, 300_000),
    last: false,
  }, 1]);
  slow.clock.pass(60_000);
  assertStringIncludes((await failed).message, "it kept others waiting");
  await wait;
  second.say(["Data", { part: text.slice(300_000), last: true }, 1]);
  assertEquals((await call).type, "Result");
  assertEquals(budget.used, 0);
});

Deno.test("an incomplete frame counts toward the budget", async () => {
  const budget = new Budget({ limit: 0 });
  const peer = await new Peer({ budget }).open();
  peer.write(new TextEncoder().encode("04000000" + " ".repeat(256 * 1024 + 7)));
  assertEquals(budget.used, 7);
  peer.channel.close();
  assertEquals(budget.used, 0);
});

Deno.test("ten thousand calls in flight, answered in random order and any chunks, each get their own", async () => {
  const peer = await new Peer().open();
  const count = 10_000;
  const { signal } = new AbortController();
  const calls = Array.from(
    { length: count },
    (_, n) =>
      peer.channel.call({ type: "Call", data: { module: "m", args: { n } } }, {
        signal,
      }),
  );
  assertEquals(peer.channel.pending, count);
  const [seed] = fc.sample(fc.nat(), 1);
  const requests = peer.messages.slice(1);
  const [order] = fc.sample(
    fc.shuffledSubarray(requests, { minLength: count }),
    { numRuns: 1, seed: seed ?? 0 },
  );
  const replies = order?.map(({ data, id }) =>
    encodeMessage([
      "Result",
      result({ value: (data as { args: { n: number } }).args.n }),
      id,
    ])
  ) ?? [];
  const stream = new Uint8Array(
    await new Blob(replies as BlobPart[]).arrayBuffer(),
  );
  for (let at = 0; at < stream.length; at += 1021) {
    assertEquals(peer.write(stream.subarray(at, at + 1021)), undefined);
  }
  const values = (await Promise.all(calls)).map((reply) =>
    reply.type === "Result" && reply.data.value
  );
  assertEquals(
    values,
    Array.from({ length: count }, (_, n) => n),
    `seed ${seed}`,
  );
  assertEquals(peer.channel.pending, 0);
});

Deno.test("one abort cancels ten thousand calls that share a signal", async () => {
  const peer = await new Peer().open();
  const controller = new AbortController();
  const calls = Array.from(
    { length: 10_000 },
    () => peer.channel.call(CALL, { signal: controller.signal }),
  );
  controller.abort();
  assertEquals(peer.types.filter((type) => type === "Cancel").length, 10_000);
  const failed = Promise.allSettled(calls);
  peer.channel.close();
  for (const each of await failed) assertEquals(each.status, "rejected");
});

Deno.test("a warm call takes under 1 KiB on the wire, both ways together", async () => {
  const peer = await new Peer().open();
  const before = peer.bytesWritten;
  const stdout =
    '\n{"ping": "pong", "invocation": {"module_args": {"data": "pong"}}}\n';
  const call = peer.channel.call({
    type: "Call",
    data: {
      module: "ping",
      args: { _ansible_check_mode: false },
      timeout_ms: 900_000,
    },
  });
  const reply = encodeMessage(["Result", result({ stdout }), 1]);
  peer.write(reply);
  await call;
  assert(peer.bytesWritten - before + reply.length < 512);
});

Deno.test("every call settles when the channel closes, whatever the gate sent", async () => {
  const anyId = fc.oneof(fc.nat(6), fc.constantFrom(null, "1", -1));
  const anyMessage = fc.oneof(
    fc.tuple(
      fc.constantFrom(
        "Result",
        "Pong",
        "Error",
        "Output",
        "Data",
        "Hello",
        "Goodbye",
      ),
      fc.oneof(
        fc.constant(result()),
        fc.constantFrom({}, { part: "[", last: false }, {
          part: "",
          last: true,
        }),
        fc.jsonValue(),
      ),
      anyId,
    ),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyMessage), fc.nat(), async (messages, cut) => {
      const peer = await new Peer().open();
      const requests: Request[] = [
        CALL,
        PING,
        CALL,
        { type: "Info", data: {} },
        CALL,
      ];
      const calls = requests.map((request) => peer.channel.call(request));
      const stream = messages.flatMap((message) => [...encodeMessage(message)]);
      peer.write(Uint8Array.from(stream.slice(0, cut % (stream.length + 1))));
      peer.channel.end();
      for (const each of await Promise.allSettled(calls)) {
        if (each.status === "fulfilled") continue;
        assert(
          each.reason instanceof GateError ||
            each.reason instanceof ConnectError,
        );
      }
      assertEquals(peer.channel.pending, 0);
      assertEquals(peer.clock.timers, 0);
    }),
  );
});

Deno.test("a gate that floods the channel with empty frames is closed", async () => {
  const { peer } = await greeted();
  const frames = new TextEncoder().encode("00000000".repeat(6_000));
  peer.channel.receive(frames);
  peer.channel.receive(frames);
  assertStringIncludes(
    await faultOf(peer),
    "it sent too many frames without a body",
  );
});

Deno.test("a series with an empty part is refused, because it might never end", async () => {
  const { peer } = await greeted();
  peer.channel.call(CALL).catch(() => {});
  peer.say(["Data", { part: "", last: false }, 1]);
  assertStringIncludes(await faultOf(peer), "one of its parts is empty");
});

Deno.test("a flood of small messages lets other channels run, and loses none", async () => {
  const { peer } = await greeted();
  let count = 0;
  let turns = 0;
  const call = peer.channel.call(CALL, { onEvent: () => count++ });
  const progress = encodeMessage(["Progress", { data: 1 }, 1]);
  const flood = new Uint8Array(progress.length * 100_000);
  for (let i = 0; i < 100_000; i++) flood.set(progress, i * progress.length);
  const timer = setInterval(() => turns++, 1);
  await peer.channel.receive(flood);
  clearInterval(timer);
  peer.say(["Result", result(), 1]);
  assertEquals((await call).type, "Result");
  assertEquals(count, 100_000);
  assert(turns > 5, `${turns} turns`);
});

/** A channel whose gate has answered. */
async function greeted() {
  const peer = new Peer();
  const hello = peer.channel.hello();
  peer.say(["Hello", { ftl: 2, nonce: "n1", ...GATE }, 0]);
  await hello;
  return { peer };
}
