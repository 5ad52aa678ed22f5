import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { makeExchangeKey } from "../../../../src/core/nats/trust/exchange_key.ts";
import {
  EventOpener,
  EventSealer,
} from "../../../../src/core/nats/trust/sealed_events.ts";
import { workerKeyText } from "../../../../src/core/nats/trust/worker_key.ts";
import { FtlError } from "../../../../src/errors.ts";

const RUN = "run-1";
const encode = (text: string) => new TextEncoder().encode(text);

async function makeLab() {
  const [workerKey, receiver] = [
    await makeExchangeKey(),
    await makeExchangeKey(),
  ];
  const openSealer = (run = RUN) =>
    EventSealer.open({ workerKey, receiver: receiver.publicKey, run });
  return { workerKey, receiver, openSealer };
}

Deno.test("EventOpener opens what a worker sealed, with its key and number", async () => {
  const { workerKey, receiver, openSealer } = await makeLab();
  const sealer = await openSealer();
  const opener = new EventOpener(receiver, { run: RUN });
  const worker = await workerKeyText(workerKey.publicKey);
  for (const [i, text] of ["first", "", "third"].entries()) {
    const { session, ...opened } = await opener.open(
      await sealer.seal(encode(text)),
    );
    assertEquals(session.length, 32);
    assertEquals(opened, { worker, number: i, event: encode(text) });
  }
});

Deno.test("EventOpener opens events of any order and from several workers", async () => {
  const { receiver, openSealer } = await makeLab();
  const other = await EventSealer.open({
    workerKey: await makeExchangeKey(),
    receiver: receiver.publicKey,
    run: RUN,
  });
  const sealers = [await openSealer(), await openSealer(), other];
  const sealed: Uint8Array[] = [];
  for (const sealer of sealers) {
    sealed.push(await sealer.seal(encode("a")), await sealer.seal(encode("b")));
  }
  const opener = new EventOpener(receiver, { run: RUN });
  const opened = [];
  for (const event of sealed.reverse()) opened.push(await opener.open(event));
  assertEquals(opened.map(({ number }) => number), [1, 0, 1, 0, 1, 0]);
  assertEquals(new Set(opened.map(({ session }) => session)).size, 3);
  assertEquals(new Set(opened.map(({ worker }) => worker)).size, 2);
});

Deno.test("an event opens with the run's key and in its run only", async () => {
  const { receiver, openSealer } = await makeLab();
  const event = await (await openSealer()).seal(encode("secret"));
  assertEquals(event.toHex().includes(encode("secret").toHex()), false);
  const openers = [
    new EventOpener(receiver, { run: "run-2" }),
    new EventOpener(await makeExchangeKey(), { run: RUN }),
  ];
  for (const opener of openers) {
    await assertRejects(
      () => opener.open(event),
      FtlError,
      "changed on the way, or is of another run",
    );
  }
});

Deno.test("an event cannot be passed off as that of another worker", async () => {
  const { workerKey, receiver } = await makeLab();
  const impostor = await EventSealer.open({
    workerKey: { ...await makeExchangeKey(), publicKey: workerKey.publicKey },
    receiver: receiver.publicKey,
    run: RUN,
  });
  const event = await impostor.seal(encode("forged"));
  const opener = new EventOpener(receiver, { run: RUN });
  await assertRejects(() => opener.open(event), FtlError, "changed");
});

Deno.test("an event that was changed or cut at any byte is refused", async () => {
  const { receiver, openSealer } = await makeLab();
  const event = await (await openSealer()).seal(encode("result"));
  const opener = new EventOpener(receiver, { run: RUN });
  for (let at = 0; at < event.length; at++) {
    const changed = event.slice();
    changed[at]! ^= 1 << at % 8;
    await assertRejects(() => opener.open(changed), FtlError);
    await assertRejects(() => opener.open(event.subarray(0, at)), FtlError);
  }
  await opener.open(event);
});

Deno.test("any bytes are refused with an FtlError", async () => {
  const { receiver, openSealer } = await makeLab();
  const start = (await (await openSealer()).seal(encode(""))).subarray(0, 9);
  const opener = new EventOpener(receiver, { run: RUN });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      async (bytes, isAfterStart) => {
        const given = isAfterStart
          ? Uint8Array.from([...start, ...bytes])
          : bytes;
        await assertRejects(() => opener.open(given), FtlError);
      },
    ),
  );
});

Deno.test("workers beyond the most are still understood, and so are those before them", async () => {
  const { receiver, openSealer } = await makeLab();
  const opener = new EventOpener(receiver, { run: RUN, most: 2 });
  const event = await (await openSealer()).seal(encode("x"));
  for (let i = 0; i < 5; i++) {
    const forged = event.slice();
    crypto.getRandomValues(forged.subarray(9, 41));
    await assertRejects(() => opener.open(forged), FtlError, "changed");
  }
  await opener.open(event);
  await opener.open(await (await openSealer()).seal(encode("x")));
  const third = await (await openSealer()).seal(encode("x"));
  for (const each of [third, event, third]) {
    assertEquals((await opener.open(each)).event, encode("x"));
  }
});
