// What a host sends: frames, messages, opening lines, JSON, what modules print.
import fc from "fast-check";
import { ExactNumber } from "../../../src/json/exact_number.ts";
import { OpeningLines } from "../../../src/gate/open/opening_lines.ts";
import { decodeBody } from "../../../src/protocol/body.ts";
import { Channel } from "../../../src/protocol/channel.ts";
import { encodeFrame, FrameDecoder } from "../../../src/protocol/frame.ts";
import { parseUntrustedJson } from "../../../src/protocol/untrusted_json.ts";
import { json, linesOf, repeated, word, wordsOf } from "../grammar.ts";
import { Disagreement, faultOf, type Target, textOf } from "../target.ts";

const encoder = new TextEncoder();

const message: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      "Hello",
      "Result",
      "Error",
      "Output",
      "Progress",
      "Pong",
      "Stored",
      "Info",
      "Data",
      "Goodbye",
      "No such",
    ),
    fc.oneof(
      json,
      fc.record({
        ftl: fc.constantFrom(1, 2),
        nonce: fc.constantFrom("n1", "n2"),
        gate: fc.constant("5e".repeat(32)),
        python: fc.constant("3.11.2"),
        executable: fc.constant("/usr/bin/python3"),
        platform: fc.constant("linux"),
        pid: fc.integer(),
        uid: fc.integer(),
        folder: fc.constantFrom(null, "/root/.ftl"),
        packs: fc.constantFrom([], ["x"]),
        state: fc.constantFrom("ended", "skipped", "cancelled", "x"),
        rc: fc.constantFrom(null, 0, 1.5, "0"),
        signal: fc.constantFrom(null, 9),
        stdout: fc.string(),
        stderr: fc.string(),
        cut: fc.constantFrom({ stdout: 0, stderr: 0 }, {}, null),
        duration_ms: fc.constantFrom(1, -1, null),
        data: fc.string(),
        stream: fc.constantFrom("stdout", "stderr", "x"),
        text: fc.string(),
        kind: fc.constantFrom("no_pack", "x"),
        message: fc.string(),
        sha256: fc.string(),
      }, { requiredKeys: [] }).map((data) => JSON.stringify(data)),
    ),
    fc.constantFrom("0", "1", "2", "3", "-1", "1e3", "null", '"1"'),
  ).map(([type, data, id]) => `[${JSON.stringify(type)},${data},${id}]`),
  json,
);

const frames: fc.Arbitrary<Uint8Array> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: message.map((text) => encodeFrame(encoder.encode(text))),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "00000000",
        "04000001",
        "0000000g",
        "ffffffff",
        "0000001",
      ).map((text) => encoder.encode(text)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }) },
  ),
  { maxLength: 6 },
).map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

/** The Hello that every conversation starts with. */
const HELLO = encodeFrame(encoder.encode(JSON.stringify(["Hello", {
  ...{ ftl: 2, nonce: "n1", gate: "5e".repeat(32), python: "3.11.2" },
  ...{ executable: "/usr/bin/python3", platform: "linux", pid: 1, uid: 0 },
  ...{ folder: null, packs: [] },
}, 0])));

/** The bytes in pieces; the same bytes give the same pieces. */
function piecesOf(bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let size = 1;
  for (let at = 0; at < bytes.length; at += size, size = size * 5 % 97) {
    pieces.push(bytes.subarray(at, at + size));
  }
  return pieces;
}

function bodiesOf(pieces: readonly Uint8Array[]): string {
  const decoder = new FrameDecoder();
  const bodies: string[] = [];
  try {
    for (const piece of pieces) {
      for (const body of decoder.push(piece)) {
        bodies.push(textOf(body));
        try {
          decodeBody(body);
        } catch (error) {
          if (faultOf(error) !== undefined) throw error;
        }
      }
    }
    decoder.end();
  } catch (error) {
    if (faultOf(error) !== undefined) throw error;
    bodies.push("end");
  }
  return JSON.stringify(bodies);
}

async function converse(bytes: Uint8Array): Promise<void> {
  const channel = new Channel({
    nonce: "n1",
    host: "web1",
    write: () => undefined,
  });
  const outcomes = [
    channel.hello(),
    channel.call({ type: "Call", data: { module: "ping", args: {} } }),
    channel.call({ type: "Ping", data: {} }),
  ].map((each) =>
    each.catch((error: unknown) => {
      if (faultOf(error) !== undefined) throw error;
    })
  );
  for (const piece of piecesOf(Uint8Array.from([...HELLO, ...bytes]))) {
    await channel.receive(piece);
  }
  channel.end();
  await Promise.all(outcomes);
}

/** The value with plain numbers. */
function plainOf(value: unknown): unknown {
  if (value instanceof ExactNumber) return Number(value);
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, plainOf(each)]),
  );
}

function sameJson(text: string): void {
  let ours: unknown;
  try {
    ours = parseUntrustedJson(text);
  } catch (error) {
    if (faultOf(error) !== undefined) throw error;
    return;
  }
  // Python's numbers that JSON does not have are read, too.
  if (/NaN|Infinity/.test(text)) return;
  const theirs = JSON.parse(text);
  const plain = JSON.stringify(plainOf(ours));
  if (plain !== JSON.stringify(theirs)) {
    throw new Disagreement(
      `JSON.parse() reads ${text.slice(0, 200)} differently`,
    );
  }
}

export const hostTargets: readonly Target[] = [
  {
    name: "frames",
    grammar: frames,
    read(input) {
      if (bodiesOf([input]) !== bodiesOf(piecesOf(input))) {
        throw new Disagreement("frames depend on how they are split");
      }
    },
  },
  { name: "channel", grammar: frames, read: converse },
  {
    name: "messages",
    grammar: fc.oneof(
      message,
      repeated(fc.constantFrom("[", '{"a":', "[1,", "1 ")),
    ),
    read(input) {
      decodeBody(input);
    },
  },
  {
    name: "untrusted_json",
    grammar: json,
    read: (input) => sameJson(textOf(input)),
  },
  {
    name: "opening_lines",
    grammar: fc.oneof(
      wordsOf([
        "ftl-n1-",
        "up",
        "sh",
        "need",
        "fail x",
        "old 2.7 /p",
        "\n",
        "noise",
        "ftl-",
        "n1",
        "\r",
        "\0",
      ]),
      linesOf(word),
    ),
    read(input) {
      const once = openingOf([input]);
      if (once !== openingOf(piecesOf(input))) {
        throw new Disagreement("opening lines depend on how they are split");
      }
    },
  },
];

function openingOf(pieces: readonly Uint8Array[]): string {
  const lines = new OpeningLines("n1", "up");
  const found: unknown[] = [];
  try {
    for (const piece of pieces) found.push(...lines.push(piece));
  } catch (error) {
    if (faultOf(error) !== undefined) throw error;
    return "refused";
  }
  return JSON.stringify([found, lines.noise, textOf(lines.rest)]);
}
