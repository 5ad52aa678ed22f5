// Makes an input that finds a fault shorter.

/** How many shorter inputs are tried, and for how long. */
const MOST_TRIES = 300;
const MOST_MS = 20_000;

/** A shorter input for which `isFault` still holds. */
export async function shrink(
  input: Uint8Array,
  isFault: (input: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let best = input;
  let tries = 0;
  const until = performance.now() + MOST_MS;
  const goesOn = () => tries < MOST_TRIES && performance.now() < until;
  for (let size = best.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.length && goesOn();) {
      const shorter = new Uint8Array(
        best.length - Math.min(size, best.length - at),
      );
      shorter.set(best.subarray(0, at));
      shorter.set(best.subarray(at + size), at);
      tries++;
      if (await isFault(shorter)) best = shorter;
      else at += size;
    }
  }
  return best;
}
