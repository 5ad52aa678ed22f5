// unarchive, uri and assemble: modules that take a file on the host, which may be
// a file on the controller that is sent first. Follows Ansible's action plugins.
import type { JsonObject } from "../../protocol/message.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import { quoteWord } from "../shell/shell_words.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import { fileOf, type LocalSource } from "../work/local_source.ts";
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
import type { ReadLocal } from "./read_local.ts";
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
  const { args } = context;
  return context.use((host) =>
    runWithSource(host, { context, prepared, args, read: readUri })
  );
}

function unarchive(
  context: HostContext,
  { prepared, stat }: Modules,
): Promise<JsonObject> {
  const args = unarchiveArguments(context.args);
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
    const read = readUnarchive;
    return await runWithSource(host, { context, prepared, args, read });
  });
}

/** The arguments of the module, without those of the action. */
function unarchiveArguments(given: JsonObject): JsonObject {
  const { decrypt: _, copy, ...args } = given;
  // The old spelling of remote_src, the other way round.
  return copy === undefined ? args : { ...args, remote_src: !isYes(copy) };
}

/** Reads the file that uri sends. */
export const readUri: ReadLocal = ({ args, vault }) =>
  readSource(args, { vault, decrypt: false });

/** Reads the archive. */
export const readUnarchive: ReadLocal = ({ args, vault }) => {
  const decrypt = isYes(args.decrypt, true);
  return readSource(unarchiveArguments(args), { vault, decrypt });
};

async function readSource(
  args: JsonObject,
  opening: LocalFileOptions,
): Promise<LocalSource | undefined> {
  const source = textOf(args.src);
  if (source === undefined || isYes(args.remote_src)) return undefined;
  return { file: await openLocal(source, opening) };
}

/** Runs a module with its file; a file on the controller is sent first. */
async function runWithSource(
  host: OpenHost,
  { context, prepared, args, read }: {
    context: HostContext;
    prepared: PreparedModule;
    args: JsonObject;
    read: ReadLocal;
  },
): Promise<JsonObject> {
  if (textOf(args.src) === undefined || isYes(args.remote_src)) {
    return await runStep(host, prepared, args);
  }
  const file = fileOf(await context.local(() => read(context)));
  return await host.stage(
    file,
    { mode: 0o600 },
    (path) => runStep(host, prepared, { ...args, src: path }),
  );
}
