// Cancels a run from another process than its sender: a detached one, or one whose
// sender is in another terminal. The same user's key signs the cancel.
import { FtlError } from "../../../errors.ts";
import { judgeCancelled, untimed } from "../../result/host_result.ts";
import { SUBJECTS } from "../server/nats_subjects.ts";
import { nextMessage } from "../server/next_message.ts";
import type { NatsSender } from "./nats_sender.ts";
import { runRecipient } from "../messages/open_chunk.ts";
import { readRunStart } from "../messages/received_run.ts";
import { readerPacking } from "../trust/run_packing.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { ControlMessage } from "../messages/sent_call.ts";
import { TakenBack } from "../reports/taken_back.ts";

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
  const subject = SUBJECTS.event(run, "start", 0);
  const stored = await nextMessage(link, subject).catch(() => undefined);
  if (stored === undefined) {
    throw new FtlError(`Cannot cancel ${run}: ${link.shown} has no such run`, {
      hint: "Events are kept for 24 hours",
    });
  }
  const packing = await readerPacking(sender.bodies, {
    run,
    start: stored.data,
  });
  const { body } = await packing.openOwn(stored.data);
  const { start: { hosts }, logs } = readRunStart(body);
  const tell = async () => {
    const message: ControlMessage = { type: "cancel" };
    link.tell(
      SUBJECTS.control(run),
      await (await signing).sign(encodeNats(message), runRecipient(run)),
    );
  };
  const signing = sender.signer(run);
  await tell();
  const takenBack = new TakenBack({
    ...{ link, run, logs },
    packing: () => Promise.resolve(packing),
  });
  await takenBack.take(
    [...hosts.keys()],
    (index) => judgeCancelled(untimed(hosts[index]!)),
    signal,
  );
  // A worker may have begun hosts between the two.
  await tell();
}
