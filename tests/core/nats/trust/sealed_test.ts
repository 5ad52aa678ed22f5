import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { makeExchangeKey } from "../../../../src/core/nats/trust/exchange_key.ts";
import {
  openSealed,
  sealBytes,
  type SealContext,
} from "../../../../src/core/nats/trust/sealed.ts";
import { FtlError } from "../../../../src/errors.ts";

const CONTEXT: SealContext = {
  run: "20261129-1",
  sender: "SHA256:abc",
  purpose: "secrets",
};
const SECRET = new TextEncoder().encode("a secret");

Deno.test("openSealed() opens what was sealed, for every recipient", async () => {
  const keys = await Promise.all([
    makeExchangeKey(),
    makeExchangeKey(),
    makeExchangeKey(),
  ]);
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 5000 }),
      fc.integer({ min: 1, max: 3 }),
      async (bytes, count) => {
        const chosen = keys.slice(0, count);
        const sealed = await sealBytes(
          bytes,
          chosen.map((key) => key.publicKey),
          CONTEXT,
        );
        for (const key of chosen) {
          assertEquals(
            await openSealed(sealed, key, CONTEXT),
            Uint8Array.from(bytes),
          );
        }
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("sealBytes() never gives the same bytes twice, nor shows the content", async () => {
  const { publicKey } = await makeExchangeKey();
  const first = await sealBytes(SECRET, [publicKey], CONTEXT);
  const second = await sealBytes(SECRET, [publicKey], CONTEXT);
  assertEquals(first.toHex() === second.toHex(), false);
  assertEquals(first.toHex().includes(SECRET.toHex()), false);
});

Deno.test("sealBytes() wraps the key once for a recipient that is named twice", async () => {
  const key = await makeExchangeKey();
  const once = await sealBytes(SECRET, [key.publicKey], CONTEXT);
  const twice = await sealBytes(
    SECRET,
    [key.publicKey, key.publicKey],
    CONTEXT,
  );
  assertEquals(twice.length, once.length);
  assertEquals(await openSealed(twice, key, CONTEXT), SECRET);
});

Deno.test("openSealed() names a worker's key that the bytes are not for", async () => {
  const [key, other] = await Promise.all([
    makeExchangeKey(),
    makeExchangeKey(),
  ]);
  const sealed = await sealBytes(SECRET, [key!.publicKey], CONTEXT);
  await assertRejects(
    () => openSealed(sealed, other!, CONTEXT),
    FtlError,
    "they are not for this worker, whose key is ftl-worker-",
  );
});

Deno.test("openSealed() refuses bytes of another run, sender or purpose", async () => {
  const key = await makeExchangeKey();
  const sealed = await sealBytes(SECRET, [key.publicKey], CONTEXT);
  for (const field of ["run", "sender", "purpose"] as const) {
    const changed = { ...CONTEXT, [field]: `${CONTEXT[field]}x` };
    await assertRejects(
      () => openSealed(sealed, key, changed),
      FtlError,
      "changed on the way, or sealed for another run or sender",
    );
  }
  const shifted = { ...CONTEXT, run: "20261129", sender: "-1SHA256:abc" };
  await assertRejects(() => openSealed(sealed, key, shifted), FtlError);
});

Deno.test("openSealed() refuses a changed byte at each position", async () => {
  const [key, other] = await Promise.all([
    makeExchangeKey(),
    makeExchangeKey(),
  ]);
  const sealed = await sealBytes(
    SECRET,
    [other!.publicKey, key!.publicKey],
    CONTEXT,
  );
  for (let at = 0; at < sealed.length; at++) {
    for (const mask of [1, 0x80, 0xff]) {
      const changed = sealed.slice();
      changed[at]! ^= mask;
      await assertRejects(() => openSealed(changed, key!, CONTEXT), FtlError);
    }
  }
});

Deno.test("openSealed() refuses bytes that were cut at each position, or lengthened", async () => {
  const key = await makeExchangeKey();
  const sealed = await sealBytes(SECRET, [key.publicKey], CONTEXT);
  for (let length = 0; length < sealed.length; length++) {
    await assertRejects(
      () => openSealed(sealed.subarray(0, length), key, CONTEXT),
      FtlError,
    );
  }
  await assertRejects(
    () => openSealed(Uint8Array.from([...sealed, 0]), key, CONTEXT),
    FtlError,
  );
});

Deno.test("openSealed() refuses any bytes with an FtlError", async () => {
  const key = await makeExchangeKey();
  const start = (await sealBytes(SECRET, [key.publicKey], CONTEXT)).subarray(
    0,
    9,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      async (bytes, isAfterStart) => {
        const given = isAfterStart
          ? Uint8Array.from([...start, ...bytes])
          : bytes;
        await assertRejects(() => openSealed(given, key, CONTEXT), FtlError);
      },
    ),
  );
});

Deno.test("sealBytes() refuses keys of small order and of another length", async () => {
  const one = new Uint8Array(32);
  one[0] = 1;
  for (const key of [new Uint8Array(32), one, new Uint8Array(31)]) {
    await assertRejects(() => sealBytes(SECRET, [key], CONTEXT), FtlError);
  }
  await assertRejects(() => sealBytes(SECRET, [], CONTEXT), RangeError);
});
