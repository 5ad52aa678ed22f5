// Cancels a run from another process than its sender: a detached one, or one whose
// sender is in another terminal. The same user's key signs the cancel.
import { FtlError } from "../../../errors.ts";
import { judgeCancelled, untimed } from "../../result/host_result.ts";
import { EVENTS, SUBJECTS } from "../server/nats_subjects.ts";
import type { NatsSender } from "./nats_sender.ts";
import { runRecipient } from "../messages/open_chunk.ts";
import { parseReport } from "../messages/received_event.ts";
import { senderPacking } from "../trust/run_packing.ts";
import { openRunReceiver } from "../trust/run_receivers.ts";
import { isSealedEvent } from "../trust/sealed_events.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { ControlMessage } from "../messages/sent_call.ts";
import { TakenBack } from "../reports/taken_back.ts";

/** How many hosts are taken back at a time. */
const AT_ONCE = 500;

/**
 * Cancels a run: ends its calls, and keeps workers from beginning more.
 *
 * @throws {FtlError} when there is no such run, or another user has sent it.
 */
export async function cancelRun(
  sender: NatsSender,
  { run, signal }: { run: string; signal: AbortSignal },
): Promise<void> {
  const { link } = sender.options;
  const stored = await link.admin.streams.getMessage(EVENTS, {
    last_by_subj: SUBJECTS.event(run, "start", 0),
  }).catch(() => null);
  if (stored === null) {
    throw new FtlError(`Cannot cancel ${run}: ${link.shown} has no such run`, {
      hint: "Events are kept for 24 hours",
    });
  }
  const plain = await sender.bodies.unpack(stored.data);
  const packing = isSealedEvent(plain)
    ? await senderPacking(sender.bodies, {
      run,
      receiver: await openRunReceiver(run),
    })
    : sender.bodies;
  const { hosts } = parseReport(await packing.unpack(stored.data));
  if (!Array.isArray(hosts)) {
    throw new FtlError("Cannot cancel the run: its start is malformed");
  }
  const tell = async () => {
    const message: ControlMessage = { type: "cancel" };
    link.tell(
      SUBJECTS.control(run),
      await (await signing).sign(encodeNats(message), runRecipient(run)),
    );
  };
  const signing = sender.signer(run);
  await tell();
  const takenBack = new TakenBack(link, {
    run,
    packing: () => Promise.resolve(packing),
  });
  const names = hosts.map(String);
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const some = names.slice(from, from + AT_ONCE);
    await Promise.all(some.map(async (host, i) => {
      await takenBack.take(from + i, judgeCancelled(untimed(host)), signal);
    }));
  }
  // A worker may have begun hosts between the two.
  await tell();
}
