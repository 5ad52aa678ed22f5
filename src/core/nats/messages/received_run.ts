// Checks what the sender of a run says about its start and its end, member by member:
// a run without keys can be made up by anybody who may publish on the NATS server.
import type { JsonObject } from "../../../protocol/message.ts";
import type { CallName } from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";
import { type BeginLimit, readBeginLimit } from "./begin_limit.ts";
import { LogPlan, type SentLogPlan } from "./log_plan.ts";
import { MessageMembers } from "./message_members.ts";

type RunStart = Extract<RunEvent, { event: "run_start" }>;

/** What a sender adds to the event `run_start`. */
export interface StartMembers {
  readonly logs: SentLogPlan;
  /** Whether the run goes on without its sender. Default: false. */
  readonly detached?: boolean;
  readonly limit?: BeginLimit | undefined;
}

/** What a sender says of its run when it starts. */
export interface ReceivedStart {
  readonly start: RunStart;
  /** Whether the run goes on without its sender. */
  readonly isDetached: boolean;
  /** Until when calls of a detached run may begin. */
  readonly limit?: BeginLimit;
  readonly logs: LogPlan;
}

/**
 * The start of a run.
 *
 * @throws {FtlError} that names the member which is wrong.
 */
export function readRunStart(bytes: Uint8Array): ReceivedStart {
  const start = MessageMembers.parse(bytes);
  const hosts = start.texts("hosts");
  return {
    start: {
      event: "run_start",
      t: 0,
      run: start.text("run"),
      ...nameIn(start),
      args: start.json("args"),
      hosts,
      ...(start.has("check") && start.flag("check") ? { check: true } : {}),
      ...start.optional("shard", (name) => start.text(name)),
      started: start.text("started"),
      ...start.optional("warnings", (name) => start.texts(name)),
    },
    isDetached: start.has("detached") && start.flag("detached"),
    ...start.optional("limit", (name) => readBeginLimit(start.members(name))),
    logs: LogPlan.read(start, hosts.length),
  };
}

function nameIn(start: MessageMembers): CallName {
  return {
    module: start.isNull("module") ? null : start.text("module"),
    ...start.optional(
      "transfer",
      (name) => start.choice(name, ["push", "fetch"]),
    ),
    ...(start.has("open") && start.flag("open") ? { open: true } : {}),
    ...start.optional("command", (name) => start.texts(name)),
  };
}

/**
 * The arguments that a run's end shows again; undefined when it shows none.
 *
 * @throws {FtlError} when they are not an object.
 */
export function readLastArguments(bytes: Uint8Array): JsonObject | undefined {
  const end = MessageMembers.parse(bytes);
  return end.has("args") ? end.json("args") : undefined;
}
