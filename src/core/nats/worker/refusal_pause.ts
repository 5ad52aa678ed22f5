// How often, and when, a chunk that workers refuse is given to one of them again.
import type { JsMsg } from "@nats-io/jetstream";

/** How often a chunk that workers refuse is given to one of them. */
export const MAX_DELIVERIES = 16;
/** The longest pause after a refusal. */
const MAX_REFUSED_MS = 20_000;

/**
 * How long a chunk waits for another worker after a refusal, in ms. By chance, or
 * each worker would get the same chunks again.
 */
export function refusalPause({ info }: JsMsg): number {
  const ms = Math.min(200 * 1.5 ** info.deliveryCount, MAX_REFUSED_MS);
  return Math.round(ms * (0.5 + Math.random())); // the server takes whole ones only
}
