// Refuses, before any contact, what does not work over NATS: what needs files or
// the inventory of the sender while it runs.
import { BuildError, FtlError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { findAction } from "../actions/registry.ts";
import type { Call, ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import { mayBeTemplate } from "../../template/syntax/delimiters.ts";

/** Where an action takes files from. */
type NeedsFiles = (args: JsonObject) => boolean;

const NEVER: NeedsFiles = () => false;
const UNLESS_REMOTE: NeedsFiles = ({ remote_src: isRemote }) =>
  !isTrue(isRemote);

/** Actions that workers can carry out, by their names without collection. */
const ACTIONS: Readonly<Record<string, NeedsFiles>> = {
  command: NEVER,
  shell: NEVER,
  raw: NEVER,
  package: NEVER,
  service: NEVER,
  dnf: NEVER,
  yum: NEVER,
  async_status: NEVER,
  gather_facts: NEVER,
  reboot: NEVER,
  wait_for_connection: NEVER,
  copy: (args) => args.content === undefined && UNLESS_REMOTE(args),
  unarchive: UNLESS_REMOTE,
  assemble: ({ remote_src: isRemote = true }) => !isTrue(isRemote),
  uri: (args) => args.src !== undefined && UNLESS_REMOTE(args),
};

/**
 * Checks that workers can make a call.
 *
 * @throws {FtlError} that says what does not work over NATS.
 */
export async function checkSendable(
  call: Call,
  fleet: HostFleet,
): Promise<void> {
  if ("fetch" in call) {
    throw new FtlError("Cannot fetch files over NATS", {
      hint: "Run ftl fetch on the workers' machines, or without --nats",
    });
  }
  if ("push" in call) {
    throw new FtlError("Cannot push files over NATS", {
      hint: "Run ftl push without --nats",
    });
  }
  if ("open" in call) return;
  if ("command" in call) {
    if (!call.script) return;
    throw new FtlError(
      `Cannot run ${call.command[0]} over NATS: it is a file of this machine`,
      { hint: "Give the commands themselves" },
    );
  }
  if (!call.native && !call.moduleOnly) await checkAction(call, fleet);
}

async function checkAction(call: ModuleCall, fleet: HostFleet): Promise<void> {
  const { module, args = {} } = call;
  const { action, located } = await findAction(module, fleet);
  if (action?.plan === undefined) return;
  const name = (located?.fullName ?? module).split(".").at(-1)!;
  const needsFiles = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (needsFiles === undefined) {
    throw new BuildError(
      `Cannot run module ${module} over NATS: a part of it works on this machine`,
      { hint: "Run it without --nats" },
    );
  }
  if (!needsFiles(args)) return;
  throw new BuildError(
    `Cannot run module ${module} over NATS: it would read a file of this machine`,
    {
      hint: name === "copy"
        ? "Give the text with content=, or run it without --nats"
        : "Run it without --nats",
    },
  );
}

/** As Ansible reads a boolean; a template might be anything. */
function isTrue(value: unknown): boolean {
  if (typeof value !== "string") return value === true || value === 1;
  if (mayBeTemplate(value)) return false;
  return /^(?:y|yes|on|1|true|t)$/i.test(value);
}
