// How the messages of one run are packed: sealed for the key of the run where its
// sender has one, so that the NATS server cannot read results; else plain.
import type { ExchangeKey } from "./exchange_key.ts";
import {
  type MessagePacking,
  openingUnpack,
  sealingPack,
} from "./sealed_bodies.ts";
import { EventOpener, EventSealer } from "./sealed_events.ts";
import { workerKeyText } from "./worker_key.ts";

/** How a worker packs what it reports. */
export async function reportPacking(
  plain: MessagePacking,
  { run, receiver, workerKey }: {
    run: string;
    /** The run's public key; undefined when nothing is sealed. */
    receiver: Uint8Array | undefined;
    workerKey: ExchangeKey;
  },
): Promise<Pick<MessagePacking, "pack">> {
  if (receiver === undefined) return plain;
  const sealer = await EventSealer.open({ workerKey, receiver, run });
  return sealingPack(plain, sealer);
}

/**
 * How the sender of a run packs what it says in the events, and reads what workers
 * report.
 *
 * @param options `receiver`: the run's key; `isTrusted`: whether a worker, by the text
 * of its key, may report. Default: every worker may.
 */
export async function senderPacking(
  plain: MessagePacking,
  { run, receiver, isTrusted = () => true }: {
    run: string;
    receiver: ExchangeKey | undefined;
    isTrusted?: (worker: string) => boolean;
  },
): Promise<MessagePacking> {
  if (receiver === undefined) return plain;
  const own = await workerKeyText(receiver.publicKey);
  const { pack } = await reportPacking(plain, {
    run,
    receiver: receiver.publicKey,
    workerKey: receiver,
  });
  const { unpack } = openingUnpack(plain, new EventOpener(receiver, { run }), {
    isTrusted: (worker) => worker === own || isTrusted(worker),
  });
  return { pack, unpack };
}
