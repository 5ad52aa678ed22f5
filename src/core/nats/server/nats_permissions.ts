// What an account of a NATS server must be allowed. Nobody who waits for an answer hears
// that a message or a subscription was refused: so all is asked for when a connection
// opens, and the docs have the same list (docs/scale.md).
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";

/** What an account is for; the sender's also follows and cancels runs. */
export type NatsRole = "sender" | "worker";

/** The name of what does not exist, in subjects that are only asked about. */
const PROBE = "ftl_probe";

/**
 * Subjects on which nothing happens, one for each permission of a role: nobody listens
 * there, nobody is answered, or the message is refused as one of another stream (NATS's
 * `Nats-Expected-Stream`). No stream is asked to be made or purged: that fails by itself.
 */
const BOTH = [
  "$JS.API.CONSUMER.CREATE.OBJ_ftl_files." + PROBE,
  "$JS.FC.OBJ_ftl_files." + PROBE,
  "$JS.API.STREAM.INFO.OBJ_ftl_files",
  "$JS.API.STREAM.INFO.ftl_calls",
  "$JS.API.STREAM.INFO.ftl_events",
  "$JS.API.STREAM.MSG.GET.OBJ_ftl_files",
  "$JS.API.STREAM.MSG.GET.ftl_events",
  "$O.ftl_files.C." + PROBE,
  `ftl.events.${PROBE}.log.0`,
];
const PUBLISHED: Readonly<Record<NatsRole, readonly string[]>> = {
  sender: [
    ...BOTH,
    ...["CREATE", "DELETE", "MSG.NEXT"]
      .map((verb) => `$JS.API.CONSUMER.${verb}.ftl_events.${PROBE}`),
    `ftl.calls.${PROBE}.${PROBE}.0`,
    `ftl.control.${PROBE}`,
    "ftl.workers", // they answer to nobody
  ],
  worker: [
    ...BOTH,
    `$JS.ACK.ftl_calls.${PROBE}`,
    ...["CREATE", "DELETE", "INFO", "MSG.NEXT"]
      .map((verb) => `$JS.API.CONSUMER.${verb}.ftl_calls.${PROBE}`),
    "$JS.API.STREAM.MSG.GET.ftl_calls",
    `ftl.beats.${PROBE}`,
    `ftl.sender.${PROBE}`,
    `ftl.workers.${PROBE}`,
  ],
};
const READ: Readonly<Record<NatsRole, readonly string[]>> = {
  sender: [`ftl.beats.${PROBE}`, `ftl.control.${PROBE}`, `ftl.sender.${PROBE}`],
  worker: [`ftl.control.${PROBE}`, "ftl.workers", `ftl.workers.${PROBE}`],
};

/**
 * Asks the server for the permissions of a role. What it refuses is heard before the
 * answer to the next request.
 *
 * @param options `headers`: an empty one.
 */
export function probePermissions(
  connection: NatsConnection,
  { role, headers }: { role: NatsRole; headers: MsgHdrs },
): void {
  headers.set("Nats-Expected-Stream", PROBE);
  for (const subject of PUBLISHED[role]) {
    connection.publish(subject, "?", { headers });
  }
  for (const subject of READ[role]) {
    connection.subscribe(subject, { callback: () => {} }).unsubscribe();
  }
}
