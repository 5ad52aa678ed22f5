// async_status: the state of a job that runs in the background of a host, as its file
// in the job's folder tells. Follows Ansible's action plugin async_status.
import type { JsonObject } from "../../protocol/message.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import type { Plan } from "../work/task.ts";
import {
  concludeAction,
  fail,
  runShellStep,
  runStep,
  textOf,
} from "./action_result.ts";

/** Ansible's default of `async_dir`. */
const FOLDER = "~/.ansible_async";

/** Plans a call of async_status. */
export const planAsyncStatus: Plan = async (_, { fleet }) => {
  const prepared = await fleet.prepare("ansible.legacy.async_status");
  const { secrets, unmasked, warnings } = prepared;
  return {
    secrets,
    unmasked,
    warnings,
    run: (context) => concludeAction(context, () => look(context, prepared)),
  };
};

async function look(
  context: HostContext,
  prepared: PreparedModule,
): Promise<JsonObject> {
  const { args } = context;
  const jid = textOf(args.jid);
  if (jid === undefined) fail("missing required arguments: jid");
  const { ansible_async_dir } = context.host.vars;
  const named = typeof ansible_async_dir === "string"
    ? ansible_async_dir
    : FOLDER;
  return await context.use(async (host) => {
    const folder = await expandHome(host, named);
    const path = `${folder}/${jid}`;
    const isCleanup = args.mode === "cleanup";
    return {
      started: isCleanup ? 0 : 1,
      finished: 0,
      stdout: "",
      stderr: "",
      ansible_job_id: jid,
      ...(isCleanup ? { erased: path } : { results_file: path }),
      ...await runStep(host, prepared, { ...args, _async_dir: folder }),
    };
  });
}

/** A path on the host with the user's home for `~`, as in the user database. */
async function expandHome(host: OpenHost, path: string): Promise<string> {
  if (!/^~(?:\/|$)/.test(path)) return path;
  const { stdout } = await runShellStep(
    host,
    'h=$(eval "printf %s ~$(id -un)"); test -d "$h" || h=$HOME; printf %s "$h"',
  );
  return stdout + path.slice(1);
}
