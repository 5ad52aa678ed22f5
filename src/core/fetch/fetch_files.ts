// Fetches a file or a folder from hosts, each into a folder of its own. Files that
// the controller has already are not sent again.
import { basename, join, resolve } from "@std/path";
import { CallError, messageOf, SourceError } from "../../errors.ts";
import { CALL_DEFAULTS } from "../call/call_defaults.ts";
import type { CallSettings, FetchArgs, HostResult } from "../call/call.ts";
import { judgeSkipped } from "../result/host_result.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Task } from "../work/task.ts";
import { fetchFile } from "./fetch_file.ts";
import { fetchFolder } from "./fetch_folder.ts";
import type { Fetching } from "./fetch_types.ts";
import { hostFailure, PERMISSION_HINT } from "../remote/host_error.ts";
import { setPath } from "../remote/host_script.ts";
import { HostShell } from "../remote/host_shell.ts";
import { AnswerReader } from "../remote/host_survey.ts";
import { FOLLOWING, SAY_OURS, WALKING } from "../remote/host_walk.ts";
import { folderName, makeFolder } from "./local_place.ts";
import { TransferProgress } from "../remote/transfer_progress.ts";
import { withDeadline } from "../remote/with_deadline.ts";

/**
 * Plans a fetch. Contacts no host.
 *
 * @throws {SourceError} when the folder on the controller cannot be created.
 */
export async function planFetch(
  args: FetchArgs,
  { check = false, verbosity = 0 }: Pick<CallSettings, "check" | "verbosity">,
): Promise<Task> {
  const dest = resolve(args.dest);
  if (!check) {
    await Deno.mkdir(dest, { recursive: true }).catch((cause) => {
      throw new SourceError(
        `Cannot fetch into ${args.dest}: ${messageOf(cause)}`,
        { cause },
      );
    });
  }
  const named = basename(args.src);
  const isContent = args.src.endsWith("/") ||
    ["", "/", ".", "..", "~"].includes(named);
  const common = {
    args,
    name: isContent ? "" : named,
    maxSize: args.max_size ?? CALL_DEFAULTS.maxFetchBytes,
    umask: Deno.umask(),
    namesFiles: verbosity > 0,
  };
  return {
    secrets: [],
    warnings: [],
    run: (context) =>
      context.call.check
        ? Promise.resolve(
          judgeSkipped(context.callContext, "A fetch has no check mode"),
        )
        : fetch(context, {
          ...common,
          host: context.host.name,
          folder: join(dest, folderName(context.host.name)),
        }),
  };
}

function fetch(context: HostContext, fetching: Fetching): Promise<HostResult> {
  const { src } = fetching.args;
  return withDeadline(context, async (connection, signal) => {
    await using shell = await HostShell.open(connection, {
      signal,
      timeoutMs: context.timeoutMs,
    });
    const progress = new TransferProgress(context.onEvent);
    const answer = await shell.ask(
      setPath(src) + WALKING + FOLLOWING +
        'if [ -d "$p" ];then wk "$p";f=./$r;' +
        'else fl "$p";f=./${r:+$r/}$b;fi;printf "%s\\n" "$R";' +
        'if [ -d "$f" ];then echo d;elif [ -f "$f" ];then echo f;' +
        'elif [ -e "$f" ];then echo o;else echo -;fi;' +
        '[ -r "$f" ]&&echo r||echo -;st "$f" 2>/dev/null||echo;' +
        `echo "$me";${SAY_OURS}echo "$Q"`,
    );
    const reader = new AnswerReader(answer.bytes);
    const refusal = reader.line();
    if (refusal !== "") throw hostFailure(`fetch ${src}`, refusal);
    const [kind] = reader.kinds(1);
    const isReadable = reader.line() === "r";
    const cannot = (why: string, hint?: string) =>
      new CallError(`Cannot fetch ${src}: ${why}`, { hint });
    if (kind === "nothing" || kind === undefined) {
      throw cannot(
        "there is no such file or folder",
        /[*?[]/.test(src)
          ? "Fetch the folder that holds the files: patterns are not expanded"
          : undefined,
      );
    }
    if (!isReadable) {
      throw cannot("permission denied", PERMISSION_HINT);
    }
    if (kind === "other") throw cannot("it is a device, a socket or a pipe");
    const entry = reader.stat();
    const ourUid = Number(reader.line());
    if (kind === "folder") {
      await makeFolder(fetching.folder);
      return await fetchFolder(shell, { ...fetching, ourUid }, progress);
    }
    if (fetching.name === "") throw cannot("it is not a folder");
    const isInOurs = reader.line() === "ours" && reader.line() === "";
    return await fetchFile(shell, { ...fetching, entry, isInOurs }, progress);
  });
}
