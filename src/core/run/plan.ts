// Plans the task of a call before any host is contacted: a shell command, a
// push, a fetch, a module, or the action that replaces a module.
import type { Call, ModuleCall, ShellCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import { withinCall } from "../call/within_call.ts";
import { judgeOpened, judgeSkipped } from "../result/host_result.ts";
import { messageOf, SourceError } from "../../errors.ts";
import { quoteWord } from "../shell/shell_words.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import { refuseInMemory } from "../work/in_memory.ts";
import { fileOf, type LocalSource } from "../work/local_source.ts";
import type { Task } from "../work/task.ts";
import type { ReceivedFiles } from "./received_files.ts";

/**
 * Plans the task of a call.
 *
 * @param received Files of another machine, in place of those of this one.
 * @throws {BuildError} when its module cannot be found, packed or run.
 */
export async function planTask(
  call: Call,
  fleet: HostFleet,
  received?: ReceivedFiles,
): Promise<Task> {
  if ("module" in call) {
    if (call.background === undefined) {
      return await planModule(call, fleet, received);
    }
    const { planJob } = await import("../jobs/plan_job.ts");
    return refuseInMemory(
      await planJob(call, await planModule(call, fleet, received)),
      `module ${call.module} in the background`,
      "a job keeps its state and its result in files on the host",
    );
  }
  if ("push" in call) {
    const { planPush } = await import("../push/push.ts");
    return await planPush(call.push, call, received?.push);
  }
  if ("fetch" in call) {
    const { planFetch } = await import("../fetch/fetch_files.ts");
    return await planFetch(call.fetch, call, received?.target);
  }
  if ("open" in call) return OPENING;
  return await planShell(call, received);
}

/** Opens hosts and their gates. */
const OPENING: Task = {
  secrets: [],
  warnings: [],
  run: (context) =>
    context.use(async (host) => {
      const { callContext, signal, timeoutMs } = context;
      const state = "The gate was not open";
      const { hello } = await withinCall({ signal, timeoutMs, state }, (end) =>
        host.hello(end));
      return judgeOpened(hello, callContext);
    }),
};

async function planModule(
  call: ModuleCall,
  fleet: HostFleet,
  received: ReceivedFiles | undefined,
): Promise<Task> {
  if (!call.native && !call.moduleOnly) {
    const { planAction } = await import("../actions/plan_action.ts");
    const action = await planAction(call, fleet, {
      isReceived: received !== undefined,
    });
    if (action !== undefined) return action;
  }
  const prepared = await fleet.prepare(call.module, { native: call.native });
  const task: Task = {
    secrets: prepared.secrets,
    unmasked: prepared.unmasked,
    warnings: prepared.warnings,
    run: (context) =>
      context.use((host) =>
        host.module(prepared, context.args, { mayBeJob: true })
      ),
  };
  if (prepared.kind !== "binary") return task;
  return refuseInMemory(
    task,
    `the binary module ${prepared.name}`,
    "the host can execute only a file",
  );
}

async function planShell(
  call: ShellCall,
  received: ReceivedFiles | undefined,
): Promise<Task> {
  const { command, check } = call;
  const run = call.script
    ? await planScriptFile(command, received)
    : (host: OpenHost) => host.shell(command.join(" "));
  return {
    secrets: [],
    warnings: [],
    run: (context) =>
      check
        ? Promise.resolve(
          judgeSkipped(
            context.callContext,
            "A shell command has no check mode",
          ),
        )
        : context.use((host) => run(host, context)),
  };
}

/** Runs a file of the controller, which is on the host only for that time. */
async function planScriptFile(
  [path = "", ...args]: readonly string[],
  received: ReceivedFiles | undefined,
) {
  const here = received ? undefined : await openScript(path);
  return async (host: OpenHost, context: HostContext) => {
    const file = fileOf(await context.local(() => Promise.resolve(here!)));
    return await host.stage(
      file,
      { mode: 0o700 },
      (staged) => host.shell([staged, ...args].map(quoteWord).join(" ")),
    );
  };
}

/**
 * Opens a file of the controller that is to run on hosts.
 *
 * @throws {SourceError} when it is absent or cannot be read.
 */
export async function openScript(path: string): Promise<LocalSource> {
  const { openLocal } = await import("../actions/local_file.ts");
  try {
    return {
      file: await openLocal(path, { vault: undefined, decrypt: false }),
    };
  } catch (cause) {
    throw new SourceError(`Cannot run ${path}: ${messageOf(cause)}`, { cause });
  }
}
