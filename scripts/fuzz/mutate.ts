// Changes inputs at random: what no grammar thinks of.
import type { Random } from "../random.ts";

/** The longest input. */
const LONGEST = 50_000;

/** An input that is changed in one to four places. */
export function mutate(
  input: Uint8Array,
  other: Uint8Array,
  random: Random,
): Uint8Array {
  let bytes = input;
  for (let i = random.int(1, 4); i > 0; i--) {
    bytes = changed(bytes, other, random);
  }
  return bytes.subarray(0, LONGEST);
}

function changed(
  bytes: Uint8Array,
  other: Uint8Array,
  random: Random,
): Uint8Array {
  const at = random.int(0, bytes.length);
  const end = Math.min(bytes.length, at + random.int(1, 20));
  const [before, part, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, end),
    bytes.subarray(end),
  ];
  switch (random.int(0, 6)) {
    case 0: // one byte is another
      return joined(
        before,
        Uint8Array.of(random.int(0, 255)),
        bytes.subarray(at + 1),
      );
    case 1: // some are missing
      return joined(before, after);
    case 2: // some come many times
      return joined(
        before,
        ...Array(random.pick([2, 2, 10, 1000])).fill(part),
        after,
      );
    case 3: // the end is missing
      return before.slice();
    case 4: { // a part of another input
      const from = random.int(0, other.length);
      return joined(
        before,
        other.subarray(from, from + random.int(1, 200)),
        after,
      );
    }
    case 5: // a bit is another
      if (part.length === 0) return bytes.slice();
      return joined(
        before,
        Uint8Array.of(part[0]! ^ (1 << random.int(0, 7))),
        bytes.subarray(at + 1),
      );
    default: // two parts change places
      return joined(after, part, before);
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(Math.min(length, LONGEST));
  let at = 0;
  for (const part of parts) {
    const room = part.subarray(0, whole.length - at);
    whole.set(room, at);
    at += room.length;
  }
  return whole;
}
