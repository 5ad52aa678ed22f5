// synchronize (ansible.posix): a push of ftl's own, where the options mean what a push
// does. Anything else is refused before any contact.
import { BuildError } from "../../errors.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { ModuleCall, PushArgs } from "../call/call.ts";
import type { Plan, Task } from "../work/task.ts";
import { isYes, textOf } from "./action_result.ts";

/** Options that change how rsync works, and not what it copies. */
const NO_EFFECT = [
  "checksum",
  "compress",
  "delay_updates",
  "partial",
  "rsync_timeout",
  "set_remote_user",
  "ssh_connection_multiplexing",
  "use_ssh_args",
];
const KNOWN = [
  ...NO_EFFECT,
  ..."archive delete dest group links mode owner perms recursive src times"
    .split(" "),
];
/** Options with a default of `archive`. */
const ARCHIVE = ["recursive", "links", "perms", "times"];
const OWNERS =
  "synchronize leaves owners and groups to the host, unless it replaces a file";

/** Plans a call of synchronize. */
export const planSynchronize: Plan = async (call) => {
  const pushes = new Map<string, Promise<Task>>();
  const pushFor = async (args: JsonObject) => {
    const push = pushArgs(call, args);
    const key = JSON.stringify(push);
    const { planPush } = await import("../push/push.ts");
    const planned = pushes.get(key) ?? planPush(push, call);
    pushes.set(key, planned);
    return await planned;
  };
  const { args = {} } = call;
  const isOpen = [args.src, args.dest].some((value) =>
    typeof value !== "string" || value.includes("{{")
  );
  // What is the same for all hosts is refused before any contact.
  if (!isOpen) await pushFor(args);
  const leavesOwners = ["owner", "group"]
    .some((name) => isYes(args[name] ?? args.archive, true));
  return {
    secrets: [],
    warnings: leavesOwners ? [OWNERS] : [],
    run: async (context) => (await pushFor(context.args)).run(context),
  };
};

/**
 * The push that the options mean.
 *
 * @throws {BuildError} when no push means them.
 */
function pushArgs({ module }: ModuleCall, args: JsonObject): PushArgs {
  const refuse = (why: string, hint: string) =>
    new BuildError(`Cannot run ${module}: ${why}`, { hint });
  const src = textOf(args.src);
  const dest = textOf(args.dest);
  if (src === undefined || dest === undefined) {
    throw refuse("src and dest are required", "Add src=… dest=…");
  }
  if ((args.mode ?? "push") !== "push") {
    throw refuse(
      "ftl has no rsync, and mode=pull copies from the hosts",
      "Use ftl fetch, which makes a folder for each host",
    );
  }
  const other =
    Object.entries(args).find(([name, value]) =>
      !name.startsWith("_") && !KNOWN.includes(name) && isSet(value)
    )?.[0] ?? ["owner", "group"].find((name) => isYes(args[name]));
  if (other !== undefined) {
    throw refuse(`ftl has no rsync, and a push has no ${other}`, PUSH);
  }
  const [recursive, links, perms, times] = ARCHIVE
    .map((name) => isYes(args[name] ?? args.archive, true));
  if (!recursive || !links || perms !== times) {
    throw refuse(
      "a push is recursive, copies links as links, and keeps both permissions and times or neither",
      PUSH,
    );
  }
  return {
    src,
    dest,
    preserve: perms ?? true,
    delete: isYes(args.delete),
  };
}

const PUSH = "Use ftl push, which has --mode, --owner, --group and --preserve";

/** Whether a value asks for something. */
function isSet(value: Json): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return !["", "no", "false", "none", "0"]
    .includes(String(value ?? "").toLowerCase());
}
