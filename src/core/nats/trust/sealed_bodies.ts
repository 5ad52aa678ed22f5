// The messages of a run's events, sealed: takes the place of the plain packing where
// workers report and senders read. What is not from a worker of the run does not open.
import { FtlError } from "../../../errors.ts";
import type { EventOpener, EventSealer } from "./sealed_events.ts";

/** Packs and unpacks messages (nats_bodies.ts). */
export interface PlainPacking {
  /** A message for a body. */
  pack(body: Uint8Array): Promise<Uint8Array>;
  /** The body of a message. */
  unpack(message: Uint8Array): Promise<Uint8Array>;
}

/** What a message says. */
export interface OpenedMessage {
  readonly body: Uint8Array;
  /** The key of the worker that made it; undefined when nobody vouches for it. */
  readonly from: string | undefined;
}

/** Packs what is said in a run, and opens it. */
export interface MessagePacking extends Pick<PlainPacking, "pack"> {
  /** @throws {FtlError} when it is malformed, or not from a worker of the run. */
  open(message: Uint8Array): Promise<OpenedMessage>;
}

/** Seals nothing. */
export function plainPacking(plain: PlainPacking): MessagePacking {
  return {
    pack: (body) => plain.pack(body),
    open: async (message) => ({
      body: await plain.unpack(message),
      from: undefined,
    }),
  };
}

/** Seals what a worker reports. */
export function sealingPack(
  plain: Pick<PlainPacking, "pack">,
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
export function openingSealed(
  plain: Pick<PlainPacking, "unpack">,
  opener: EventOpener,
  { isTrusted = () => true }: { isTrusted?: (worker: string) => boolean } = {},
): Pick<MessagePacking, "open"> {
  return {
    open: async (message) => {
      const { worker, event } = await opener.open(await plain.unpack(message));
      if (isTrusted(worker)) return { body: event, from: worker };
      throw new UntrustedWorker(worker);
    },
  };
}

/** Thrown when a message is from a worker that may not report in the run. */
export class UntrustedWorker extends FtlError {
  constructor(key: string) {
    super(
      `Cannot use an event of the run: the worker ${key} does not belong to it`,
      { hint: "Check who can write to the NATS server" },
    );
  }
}
