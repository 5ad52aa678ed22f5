// Checks what the sender of a run says about its start and its end, member by member:
// a run without keys can be made up by anybody who may publish on the NATS server.
import type { JsonObject } from "../../../protocol/message.ts";
import type { CallName } from "../../call/call.ts";
import type { RunEvent } from "../../call/run_event.ts";
import { MessageMembers } from "./message_members.ts";

type RunStart = Extract<RunEvent, { event: "run_start" }>;

/**
 * The start of a run, and whether the run goes on without its sender.
 *
 * @throws {FtlError} that names the member which is wrong.
 */
export function readRunStart(
  bytes: Uint8Array,
): RunStart & { readonly detached: boolean } {
  const start = MessageMembers.parse(bytes);
  return {
    event: "run_start",
    t: 0,
    run: start.text("run"),
    ...nameIn(start),
    args: start.json("args"),
    hosts: start.texts("hosts"),
    ...(start.has("check") && start.flag("check") ? { check: true } : {}),
    ...start.optional("shard", (name) => start.text(name)),
    started: start.text("started"),
    ...start.optional("warnings", (name) => start.texts(name)),
    detached: start.has("detached") && start.flag("detached"),
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
