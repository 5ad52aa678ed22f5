// Gathers the facts of a host before its call, on the same gate.
import { BuildError, FtlError, messageOf } from "../../errors.ts";
import { isObject } from "../../protocol/body.ts";
import type { HostResult } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { HostContext } from "../work/host_context.ts";

/** Gathers the facts of one host; resolves to why it has none, as its result. */
export type GatherFacts = (
  context: HostContext,
) => Promise<HostResult | undefined>;

/**
 * Plans the gathering of facts. Contacts no host.
 *
 * @throws {BuildError} when there is no module `setup`.
 */
export async function planFacts(fleet: HostFleet): Promise<GatherFacts> {
  const setup = await fleet.prepare("ansible.legacy.setup").catch((cause) => {
    throw new BuildError(`Cannot gather facts: ${messageOf(cause)}`, {
      cause,
      ...(cause instanceof FtlError && cause.hint && { hint: cause.hint }),
    });
  });
  return async (context) => {
    const { name } = context.host;
    if (fleet.facts.has(name)) return undefined;
    const answer = await context.use((host) => host.module(setup, {}));
    fleet.facts.note(name, answer.result);
    if (fleet.facts.has(name)) return undefined;
    return answer.status === "ok" ? withoutFacts(answer) : failed(answer);
  };
}

function failed(answer: HostResult): HostResult {
  const { error, result } = answer;
  const why = error?.message ?? (isObject(result) ? result.msg : undefined);
  return withoutFacts(answer, String(why ?? "setup gives no reason"));
}

function withoutFacts(
  answer: HostResult,
  why = "setup reported none",
): HostResult {
  return {
    ...answer,
    status: answer.status === "ok" ? "failed" : answer.status,
    error: {
      ...{ kind: "call", phase: "call", hint: null },
      ...answer.error,
      message: `Cannot gather facts: ${why}`,
    },
  };
}
