// unarchive, uri and assemble: modules that take a file on the host, which may be
// a file on the controller that is sent first. Follows Ansible's action plugins.
import type { JsonObject } from "../../protocol/message.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import { quoteWord } from "../shell/shell_words.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import type { Plan } from "../work/task.ts";
import {
  concludeAction,
  fail,
  isYes,
  runShellStep,
  runStep,
  textOf,
  without,
} from "./action_result.ts";
import { assembleLocal } from "./assemble_local.ts";
import { type CopyModules, prepareCopy } from "./copy_modules.ts";
import { type LocalFileOptions, openLocal } from "./local_file.ts";
import { statOf } from "./remote_stat.ts";

/** Plans a call of one of these modules. */
export const planFileArguments: Plan = async (_, { name, fleet }) => {
  const prepared = await fleet.prepare(`ansible.legacy.${name}`);
  const stat = name === "unarchive"
    ? await fleet.prepare("ansible.legacy.stat")
    : undefined;
  const copy = name === "assemble" ? await prepareCopy(fleet) : undefined;
  const { secrets, unmasked, warnings } = prepared;
  const act = { assemble, unarchive, uri }[name]!;
  return {
    secrets,
    unmasked,
    warnings,
    run: (context) =>
      concludeAction(context, () => act(context, { prepared, stat, copy })),
  };
};

interface Modules {
  readonly prepared: PreparedModule;
  /** Only for unarchive. */
  readonly stat: PreparedModule | undefined;
  /** Only for assemble. */
  readonly copy: CopyModules | undefined;
}

function assemble(
  context: HostContext,
  { prepared, copy }: Modules,
): Promise<JsonObject> {
  if (context.call.check) {
    const msg = "check mode is not supported for this task.";
    return Promise.resolve({ skipped: true, msg });
  }
  if (copy !== undefined && !isYes(context.args.remote_src, true)) {
    return assembleLocal(context, copy);
  }
  const args = without(context.args, ["decrypt"]);
  return context.use((host) => runStep(host, prepared, args));
}

function uri(context: HostContext, { prepared }: Modules): Promise<JsonObject> {
  const opening = { vault: context.vault, decrypt: false };
  const call = { prepared, args: context.args, opening };
  return context.use((host) => runWithSource(host, call));
}

function unarchive(
  context: HostContext,
  { prepared, stat }: Modules,
): Promise<JsonObject> {
  const { decrypt, copy, ...args } = context.args;
  const opening = { vault: context.vault, decrypt: isYes(decrypt, true) };
  // The old spelling of remote_src, the other way round.
  if (copy !== undefined) args.remote_src = !isYes(copy);
  const dest = textOf(args.dest);
  if (textOf(args.src) === undefined || dest === undefined) {
    fail("src (or content) and dest are required");
  }
  return context.use(async (host) => {
    const creates = textOf(args.creates);
    if (creates !== undefined) {
      const { rc } = await runShellStep(host, `test -e ${quoteWord(creates)}`);
      const msg = `skipped, since ${creates} exists`;
      if (rc === 0) return { skipped: true, msg };
    }
    const { isdir } = await statOf(host, {
      stat: stat!,
      path: dest,
      follow: true,
    });
    if (!isdir) fail(`dest '${dest}' must be an existing dir`);
    return await runWithSource(host, { prepared, args, opening });
  });
}

/** Runs a module with its file; a file on the controller is sent first. */
async function runWithSource(
  host: OpenHost,
  { prepared, args, opening }: {
    prepared: PreparedModule;
    args: JsonObject;
    opening: LocalFileOptions;
  },
): Promise<JsonObject> {
  const source = textOf(args.src);
  if (source === undefined || isYes(args.remote_src)) {
    return await runStep(host, prepared, args);
  }
  const file = await openLocal(source, opening);
  return await host.stage(
    file,
    { mode: 0o600 },
    (path) => runStep(host, prepared, { ...args, src: path }),
  );
}
