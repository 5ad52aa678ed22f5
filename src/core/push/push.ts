// Pushes a file or a folder to hosts, through one shell on a Stream of its own.
// Files that the host has already are not sent. The others get a temporary name,
// and are renamed when they are complete.
import { SourceError } from "../../errors.ts";
import type { CallSettings, HostResult, PushArgs } from "../call/call.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Task } from "../work/task.ts";
import { HostShell } from "../remote/host_shell.ts";
import { TransferProgress } from "../remote/transfer_progress.ts";
import { prepareDelete } from "./push_delete.ts";
import { pushFile } from "./push_file.ts";
import { pushFolder } from "./push_folder.ts";
import type { Pushing } from "./push_types.ts";
import {
  Contents,
  FileSums,
  openSource,
  type PushSource,
} from "./push_source.ts";
import { withDeadline } from "../remote/with_deadline.ts";

/**
 * Plans a push. Contacts no host.
 *
 * @param received The source, where another machine has sent it. Default: a file or
 *   folder of this machine.
 * @throws {SourceError} when the source is absent or cannot be read.
 */
export async function planPush(
  args: PushArgs,
  { verbosity = 0 }: CallSettings = {},
  received?: () => Promise<PushSource>,
): Promise<Task> {
  const source = await (received?.() ?? openSource(args.src));
  if (args.delete && source.top.kind !== "folder") {
    throw new SourceError(
      `Cannot push ${args.src} with \`delete\`: it is not a folder`,
    );
  }
  const pushing = {
    source,
    args,
    mode: args.mode === undefined ? undefined : parseInt(args.mode, 8),
    sums: new FileSums(source),
    contents: new Contents(source),
    namesFiles: verbosity > 0,
  };
  return {
    secrets: [],
    warnings: [],
    run: (context) =>
      push(context, {
        ...pushing,
        check: context.call.check ?? false,
        diff: context.call.diff ?? false,
      }),
  };
}

function push(context: HostContext, pushing: Pushing): Promise<HostResult> {
  return withDeadline(context, async (connection, signal) => {
    const options = { signal, timeoutMs: context.timeoutMs };
    // A shell ends with the content that it is given.
    await using after = pushing.args.delete
      ? await HostShell.open(connection, options)
      : undefined;
    const removeExtra = after && await prepareDelete(after, pushing);
    await using shell = await HostShell.open(connection, options);
    const progress = new TransferProgress(context.onEvent);
    const send = pushing.source.top.kind === "file" ? pushFile : pushFolder;
    const { changed, ...rest } = await send(shell, pushing, progress);
    if (removeExtra === undefined) return { changed, ...rest };
    const deleted = await removeExtra();
    const warnings = [
      ...rest.warnings ?? [],
      ...deleted.result.warnings ?? [],
    ];
    return {
      changed: changed || deleted.changed,
      ...rest,
      ...deleted.result,
      ...(warnings.length > 0 ? { warnings } : {}),
    };
  });
}
