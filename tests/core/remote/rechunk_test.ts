import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { rechunk } from "../../../src/core/remote/rechunk.ts";

const LENGTH = 128 * 1024;

Deno.test("rechunk() yields the bytes in their order, for chunks of any size", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 12 }),
      async (lengths) => {
        const chunks = lengths.map((length, i) =>
          new Uint8Array(length).fill(i)
        );
        const pieces = await copiesOf(rechunk(
          async function* () {
            yield* chunks;
          }(),
          LENGTH,
        ));
        assertEquals(joined(pieces), joined(chunks));
      },
    ),
    { numRuns: 50 },
  ));

Deno.test("rechunk() makes few pieces of many chunks", async () => {
  const chunks = Array.from({ length: 1_000 }, () => new Uint8Array(1_000));
  const pieces = await copiesOf(rechunk(
    async function* () {
      yield* chunks;
    }(),
    LENGTH,
  ));
  assert(pieces.length < 10, `${pieces.length}`);
});

/** Copies each piece: its bytes stay valid for a while only. */
async function copiesOf(
  pieces: AsyncIterable<Uint8Array>,
): Promise<Uint8Array[]> {
  const copies: Uint8Array[] = [];
  for await (const piece of pieces) copies.push(piece.slice());
  return copies;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(
    chunks.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
