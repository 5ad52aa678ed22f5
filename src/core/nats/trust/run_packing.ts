// How the messages of one run are packed: sealed for the key of the run where its
// sender has one, so that the NATS server cannot read results; else plain.
import type { ExchangeKey } from "./exchange_key.ts";
import {
  type MessagePacking,
  openingSealed,
  type PlainPacking,
  plainPacking,
  sealingPack,
} from "./sealed_bodies.ts";
import type { KnownWorkers } from "./known_workers.ts";
import { hasRunReceiver, openRunReceiver } from "./run_receivers.ts";
import { EventOpener, EventSealer, isSealedEvent } from "./sealed_events.ts";
import { workerKeyText } from "./worker_key.ts";

/** How a worker packs what it reports. */
export async function reportPacking(
  plain: PlainPacking,
  { run, receiver, workerKey }: {
    run: string;
    /** The run's public key; undefined when nothing is sealed. */
    receiver: Uint8Array | undefined;
    workerKey: ExchangeKey;
  },
): Promise<Pick<MessagePacking, "pack">> {
  if (receiver === undefined) return plainPacking(plain);
  const sealer = await EventSealer.open({ workerKey, receiver, run });
  return sealingPack(plain, sealer);
}

/** Packs and opens what is said in a run. */
export interface RunPacking extends MessagePacking {
  /** Opens what the sender itself has said. */
  readonly openOwn: MessagePacking["open"];
  /** Opens a refusal of a worker, which may take no part in the run. */
  readonly openRefusal: MessagePacking["open"];
}

/**
 * How the sender of a run packs what it says in the events, and reads what workers
 * report.
 *
 * @param options `receiver`: the run's key; undefined when nothing is sealed;
 * `isTrusted`: whether a worker, by the text of its key, may report. Default: every
 * worker may. `mayRefuse`: whether it may refuse a chunk. Default: `isTrusted`.
 */
export async function senderPacking(
  plain: PlainPacking,
  { run, receiver, isTrusted = () => true, mayRefuse = isTrusted }: {
    run: string;
    receiver: ExchangeKey | undefined;
    isTrusted?: (worker: string) => boolean;
    mayRefuse?: (worker: string) => boolean;
  },
): Promise<RunPacking> {
  if (receiver === undefined) {
    const packing = plainPacking(plain);
    const { open } = packing;
    return { ...packing, openOwn: open, openRefusal: open };
  }
  const own = await workerKeyText(receiver.publicKey);
  const { pack } = await reportPacking(plain, {
    run,
    receiver: receiver.publicKey,
    workerKey: receiver,
  });
  const opener = new EventOpener(receiver, { run });
  const opening = (mayTell: (worker: string) => boolean) =>
    openingSealed(plain, opener, { isTrusted: mayTell }).open;
  return {
    pack,
    open: opening((worker) => worker === own || isTrusted(worker)),
    openOwn: opening((worker) => worker === own),
    openRefusal: opening(mayRefuse),
  };
}

/**
 * How a process that has not started a run reads it. Where the key of the run is here,
 * only what is sealed for it counts.
 *
 * @param options `start`: the message of the start; `known`: the workers whose keys are
 * pinned: when there are some, others are not believed. Default: all are.
 * @throws {FtlError} when the run is sealed, and its key is not here.
 */
export async function readerPacking(
  plain: PlainPacking,
  { run, start, known }: {
    run: string;
    start: Uint8Array;
    known?: KnownWorkers | undefined;
  },
): Promise<RunPacking> {
  const isSealed = await hasRunReceiver(run) ||
    isSealedEvent(await plain.unpack(start));
  return await senderPacking(plain, {
    run,
    receiver: isSealed ? await openRunReceiver(run) : undefined,
    isTrusted: (key) => known?.believes(key) ?? true,
  });
}
