import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeFrame, FrameDecoder } from "../../src/protocol/frame.ts";
import { MAX_BODY } from "../../src/protocol/limits.ts";
import { type Octets, readCases, toBytes } from "./golden.ts";

interface FrameCase {
  name: string;
  stream: Octets;
  bodies: Octets[];
  error: keyof typeof ERRORS | null;
}

const ERRORS = {
  length: "its length is not eight lowercase hexadecimal digits",
  too_long: `more than ${MAX_BODY}`,
  end: "the input ended",
};

const encoder = new TextEncoder();

/** What a decoder finds in chunks and the end of input after them. */
function decode(
  chunks: Iterable<Uint8Array>,
): { bodies: Uint8Array[]; error: string | null } {
  const decoder = new FrameDecoder();
  const bodies: Uint8Array[] = [];
  try {
    for (const chunk of chunks) {
      for (const body of decoder.push(chunk)) bodies.push(body.slice());
    }
    decoder.end();
  } catch (error) {
    assert(error instanceof SyntaxError);
    return { bodies, error: error.message };
  }
  return { bodies, error: null };
}

/** Cuts bytes where told; a cut's number counts round the length. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1));
  const ends = [...places, bytes.length].sort((a, b) => a - b);
  let start = 0;
  return ends.map((end) => bytes.subarray(start, start = end));
}

function join(frames: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

const anyCuts = fc.array(fc.nat(), { maxLength: 20 });

for (
  const { name, stream, bodies, error } of readCases<FrameCase>("frames.json")
) {
  Deno.test(`golden frames, whole and byte by byte: ${name}`, () => {
    const bytes = toBytes(stream);
    for (const chunks of [[bytes], split(bytes, [...bytes.keys()])]) {
      const found = decode(chunks);
      assertEquals(found.bodies, bodies.map(toBytes));
      if (error === null) assertEquals(found.error, null);
      else assert(found.error?.includes(ERRORS[error]), found.error ?? "none");
    }
  });
}

Deno.test("encodeFrame() puts the length in bytes before the body", () => {
  const frame = encodeFrame(encoder.encode('["é"]'));
  assertEquals(new TextDecoder().decode(frame), '00000006["é"]');
});

Deno.test("encodeFrame() refuses a body over 64 MiB", () => {
  assertThrows(
    () => encodeFrame(new Uint8Array(MAX_BODY + 1)),
    RangeError,
    "Cannot make a frame: its body has 67108865 bytes, more than 67108864",
  );
});

Deno.test("push() yields the same bodies for any split of the stream", () => {
  const anyBodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }));
  fc.assert(fc.property(anyBodies, anyCuts, (bodies, cuts) => {
    const stream = join(bodies.map(encodeFrame));
    assertEquals(decode(split(stream, cuts)), { bodies, error: null });
  }));
});

Deno.test("push() yields the same from any bytes, however they are split", () => {
  const garbage = fc.uint8Array({ maxLength: 40 });
  const anyStream = fc.array(fc.oneof(
    garbage,
    garbage.map(encodeFrame),
    fc.constant(encoder.encode("00000000")),
    fc.nat(50).map((length) =>
      encoder.encode(length.toString(16).padStart(8, "0"))
    ),
  )).map(join);
  fc.assert(fc.property(anyStream, anyCuts, (stream, cuts) => {
    const whole = decode([stream]);
    const pieces = decode(split(stream, cuts));
    assertEquals(pieces.bodies, whole.bodies);
    // The noise that is quoted may be shorter, the fault is the same.
    const fault = (error: string | null) => error?.replace(/: ".*"$/s, "");
    assertEquals(fault(pieces.error), fault(whole.error));
  }));
});

Deno.test("push() does not copy a frame that is whole in a chunk", () => {
  const chunk = join([
    encodeFrame(encoder.encode("[1]")),
    encoder.encode("0000"),
  ]);
  const [body] = [...new FrameDecoder().push(chunk)];
  assertEquals(body?.buffer, chunk.buffer);
  assertEquals(body?.byteOffset, 8);
});

Deno.test("push() keeps the bytes of a frame when a reader reuses its chunk", () => {
  const decoder = new FrameDecoder();
  const stream = encodeFrame(encoder.encode("[1,2]"));
  const chunk = new Uint8Array(10);
  const bodies: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += 10) {
    const piece = stream.subarray(at, at + 10);
    chunk.set(piece);
    bodies.push(...decoder.push(chunk.subarray(0, piece.length)));
  }
  assertEquals(bodies, [encoder.encode("[1,2]")]);
});

Deno.test("push() allocates for the bytes that arrived, not for those announced", () => {
  const decoder = new FrameDecoder();
  assertEquals([...decoder.push(encoder.encode("04000000[1"))], []);
  assertEquals(decoder.held, 2);
});

Deno.test("push() joins 4 MiB that come byte by byte", () => {
  const body = new Uint8Array(4 * 1024 * 1024).fill(0x5b);
  const stream = encodeFrame(body);
  const decoder = new FrameDecoder();
  let joined: Uint8Array | undefined;
  for (let at = 0; at < stream.length; at++) {
    for (const found of decoder.push(stream.subarray(at, at + 1))) {
      joined = found;
    }
  }
  assertEquals(joined?.length, body.length);
  assert(joined?.every((byte) => byte === 0x5b));
  assertEquals(decoder.held, 0);
});

Deno.test("push() quotes what it found instead of a length", () => {
  const error = assertThrows(
    () => [...new FrameDecoder().push(encoder.encode("Fatal\x1b[2J"))],
    SyntaxError,
  );
  assertEquals(
    error.message,
    'Cannot read a frame: its length is not eight lowercase hexadecimal digits: "Fatal\\u001b[2J"',
  );
});

Deno.test("push() quotes the digits before a wrong one, even from an earlier chunk", () => {
  const decoder = new FrameDecoder();
  assertEquals([...decoder.push(encoder.encode("00a"))], []);
  assertThrows(
    () => [...decoder.push(encoder.encode("00G"))],
    SyntaxError,
    'hexadecimal digits: "00a00G"',
  );
});

Deno.test("push() reports the length of a body that is too long", () => {
  const error = assertThrows(
    () => [...new FrameDecoder().push(encoder.encode("04000001"))],
    SyntaxError,
  );
  assertEquals(
    error.message,
    "Cannot read a frame: its body has 67108865 bytes, more than 67108864",
  );
});

Deno.test("push() and end() repeat an error, because later bytes cannot be trusted", () => {
  const decoder = new FrameDecoder();
  assertThrows(() => [...decoder.push(encoder.encode("x"))], SyntaxError);
  assertThrows(
    () => [...decoder.push(encoder.encode("00000000"))],
    SyntaxError,
    "digits",
  );
  assertThrows(() => decoder.end(), SyntaxError, "digits");
});

Deno.test("end() reports where in a frame the input ended", () => {
  for (
    const [stream, where] of [
      ["0000", "inside its length"],
      ["00000005", "after 0 of its 5 bytes"],
      ["00000005[1]", "after 3 of its 5 bytes"],
    ] as const
  ) {
    const decoder = new FrameDecoder();
    assertEquals([...decoder.push(encoder.encode(stream))], []);
    const error = assertThrows(() => decoder.end(), SyntaxError);
    assertEquals(
      error.message,
      `Cannot read a frame: the input ended ${where}`,
    );
  }
});
