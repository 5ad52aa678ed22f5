// Calls that wait for each other on the host: each names the one before it, and starts
// when that has succeeded. The library has no face for them, so this speaks the protocol.
import type { Fleet, Host } from "../../src/mod.ts";
import { hostFleetOf } from "../../src/core/fleet/host_fleet.ts";
import { judge, judgeError } from "../../src/core/result/host_result.ts";
import type { CallData } from "../../src/protocol/message.ts";
import type { HostResult } from "../../src/mod.ts";

/** How one call of a chain ended. */
export interface ChainResult {
  readonly id: string;
  readonly status: string;
  readonly error: string;
}

/** Makes a chain of calls on one host. Never rejects. */
export async function callChain(
  fleet: Fleet,
  host: Host,
  { module, ids, sleep }: {
    module: string;
    ids: readonly string[];
    sleep: number;
  },
): Promise<ChainResult[]> {
  const inner = hostFleetOf(fleet);
  const context = { host: host.name, duration_ms: 0, phases_ms: {} };
  const show = (id: string, { status, error }: HostResult): ChainResult => {
    const text = [error?.message, error?.hint].filter((each) => each);
    return { id, status, error: text.join("; ") };
  };
  try {
    const { name, pack } = await inner.prepare(module);
    const options = { onPhase: () => {}, keepOpen: true };
    return await inner.use(host, options, async (account) => {
      const gate = await account.gate(AbortSignal.timeout(30_000));
      if (pack !== null && !gate.packs.has(pack.id)) {
        gate.sendPack(pack).catch(() => {}); // the calls after it fail, too
      }
      let after: number | undefined;
      const replies = ids.map((id) => {
        const data: CallData = {
          module: name,
          args: { journal: String(host.vars.journal), id, sleep },
          timeout_ms: 15_000,
          ...(pack && { pack: pack.id }),
          ...(after !== undefined && { after }),
        };
        return gate.channel.call({ type: "Call", data }, {
          onSent: (sent) => after = sent,
        });
      });
      const ended = await Promise.allSettled(replies);
      return ended.map((each, i) =>
        show(
          ids[i]!,
          each.status === "fulfilled"
            ? judge(each.value, context)
            : judgeError(each.reason, context),
        )
      );
    });
  } catch (error) {
    return ids.map((id) => show(id, judgeError(error, context)));
  }
}
