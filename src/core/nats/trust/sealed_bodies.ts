// The messages of a run's events, sealed: takes the place of the plain packing where
// workers report and senders read. What is not from a worker of the run does not open.
import { FtlError } from "../../../errors.ts";
import type { EventOpener, EventSealer } from "./sealed_events.ts";

/** Packs and unpacks messages (nats_bodies.ts). */
export interface MessagePacking {
  /** A message for a body. */
  pack(body: Uint8Array): Promise<Uint8Array>;
  /** The body of a message. */
  unpack(message: Uint8Array): Promise<Uint8Array>;
}

/** Seals what a worker reports. */
export function sealingPack(
  plain: MessagePacking,
  sealer: EventSealer,
): Pick<MessagePacking, "pack"> {
  return { pack: async (body) => await plain.pack(sealer.seal(body)) };
}

/**
 * Opens what workers have reported.
 *
 * @param options `isTrusted`: whether a worker, by the text of its key, may report in
 * this run. Default: all may that have the grant of the run.
 */
export function openingUnpack(
  plain: MessagePacking,
  opener: EventOpener,
  { isTrusted = () => true }: { isTrusted?: (worker: string) => boolean } = {},
): Pick<MessagePacking, "unpack"> {
  return {
    unpack: async (message) => {
      const { worker, event } = await opener.open(await plain.unpack(message));
      if (isTrusted(worker)) return event;
      throw new FtlError(
        `Cannot use an event of the run: the worker ${worker} does not belong to it`,
        { hint: "Check who can write to the NATS server" },
      );
    },
  };
}
