// Takes the next call from a queue.
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { onAbort } from "../../../async/abort.ts";

/** How long a pull waits for a call. */
const PULL_MS = 20_000;

/** The next call; null when none came for a while, or the worker is stopped. */
export async function nextCall(
  consumer: Pick<Consumer, "next">,
  stop: AbortSignal,
): Promise<JsMsg | null> {
  const pulled = consumer.next({ expires: PULL_MS });
  const stopped = Promise.withResolvers<null>();
  const forget = onAbort(stop, () => stopped.resolve(null));
  try {
    const message = await Promise.race([pulled, stopped.promise]);
    // One that comes too late is for others.
    if (stop.aborted) pulled.then((late) => late?.nak()).catch(() => {});
    return message;
  } finally {
    forget();
  }
}
