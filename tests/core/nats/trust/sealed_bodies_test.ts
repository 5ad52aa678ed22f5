import { assertEquals, assertRejects } from "@std/assert";
import { makeExchangeKey } from "../../../../src/core/nats/trust/exchange_key.ts";
import {
  openingSealed,
  sealingPack,
} from "../../../../src/core/nats/trust/sealed_bodies.ts";
import {
  EventOpener,
  EventSealer,
} from "../../../../src/core/nats/trust/sealed_events.ts";
import { workerKeyText } from "../../../../src/core/nats/trust/worker_key.ts";
import { FtlError } from "../../../../src/errors.ts";

const BODY = new TextEncoder().encode('{"status":"ok"}');
const PLAIN = {
  pack: (body: Uint8Array) => Promise.resolve(Uint8Array.of(1, ...body)),
  unpack: (message: Uint8Array) => Promise.resolve(message.subarray(1)),
};

Deno.test("a sealed report opens at its sender, and only from workers of the run", async () => {
  const [workerKey, receiver] = [
    await makeExchangeKey(),
    await makeExchangeKey(),
  ];
  const sealer = await EventSealer.open({
    ...{ workerKey, run: "run-1" },
    receiver: receiver.publicKey,
  });
  const opener = new EventOpener(receiver, { run: "run-1" });
  const message = await sealingPack(PLAIN, sealer).pack(BODY);
  assertEquals(message[0], 1);
  const opened = await openingSealed(PLAIN, opener).open(message);
  assertEquals(opened.body, BODY);
  const own = await workerKeyText(workerKey.publicKey);
  const trusting = (key: string) =>
    openingSealed(PLAIN, opener, { isTrusted: (worker) => worker === key });
  assertEquals(await trusting(own).open(message), { body: BODY, from: own });
  await assertRejects(
    () => trusting("ftl-worker-other").open(message),
    FtlError,
    `the worker ${own} does not belong to it`,
  );
  await assertRejects(
    () => openingSealed(PLAIN, opener).open(Uint8Array.of(1, ...BODY)),
    FtlError,
  );
});

Deno.test("a sender reports in its own run with the key that it reads with", async () => {
  const receiver = await makeExchangeKey();
  const sealer = await EventSealer.open({
    workerKey: receiver,
    receiver: receiver.publicKey,
    run: "run-1",
  });
  const opener = new EventOpener(receiver, { run: "run-1" });
  const message = await sealingPack(PLAIN, sealer).pack(BODY);
  const opened = await openingSealed(PLAIN, opener).open(message);
  assertEquals(opened.body, BODY);
});
