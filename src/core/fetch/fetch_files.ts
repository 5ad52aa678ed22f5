// Fetches a file or a folder from hosts, each into a folder of its own. Files that
// the controller has already are not sent again.
import { basename, join, relative, resolve } from "@std/path";
import { CallError, messageOf, SourceError } from "../../errors.ts";
import { CALL_DEFAULTS } from "../call/call_defaults.ts";
import type { CallSettings, FetchArgs, HostResult } from "../call/call.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Task } from "../work/task.ts";
import { fetchFile } from "./fetch_file.ts";
import { fetchFolder } from "./fetch_folder.ts";
import { expandPattern, isPathPattern, type Match } from "./expand_pattern.ts";
import type { Fetched, Fetching } from "./fetch_types.ts";
import { listPaths } from "../remote/listed_paths.ts";
import { hostFailure, PERMISSION_HINT } from "../remote/host_error.ts";
import { setPath } from "../remote/host_script.ts";
import { HostShell } from "../remote/host_shell.ts";
import { AnswerReader } from "../remote/host_survey.ts";
import { FOLLOWING, SAY_OURS, WALKING } from "../remote/host_walk.ts";
import { type FetchTarget, HERE } from "./fetch_target.ts";
import { folderName } from "./local_place.ts";
import { TransferProgress } from "../remote/transfer_progress.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { withDeadline } from "../remote/with_deadline.ts";

/**
 * Plans a fetch. Contacts no host.
 *
 * @param targetFor Where the files of a host go, in folders of `/`, with the
 *   permissions that they have there. Default: into `dest`.
 * @throws {SourceError} when the folder on the controller cannot be created.
 */
export async function planFetch(
  args: FetchArgs,
  settings: Pick<CallSettings, "check" | "verbosity">,
  targetFor?: (host: string) => FetchTarget,
): Promise<Task> {
  const dest = targetFor ? "/" : resolve(args.dest);
  // Another machine compares what arrives with what is there.
  const check = targetFor === undefined && settings.check === true;
  if (!check && !targetFor) {
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
    umask: targetFor ? 0 : Deno.umask(),
    namesFiles: (settings.verbosity ?? 0) > 0 && !settings.check,
    check,
  };
  return {
    secrets: [],
    warnings: [],
    run: (context) =>
      fetch(context, {
        ...common,
        host: context.host.name,
        target: targetFor?.(context.host.name) ?? HERE,
        folder: join(dest, folderName(context.host.name)),
      }),
  };
}

function fetch(context: HostContext, fetching: Fetching): Promise<HostResult> {
  const { src } = fetching.args;
  return withDeadline(context, async (connection, signal) => {
    const progress = new TransferProgress(context.onEvent);
    const { timeoutMs } = context;
    // Each path needs a shell of its own, which ends with what it sends.
    const open = () => HostShell.open(connection, { signal, timeoutMs });
    const matches = isPathPattern(src)
      ? await findMatches(open, src)
      : undefined;
    return bounded(
      matches === undefined
        ? await fetchPath(open, fetching, progress)
        : await fetchMatches(open, matches, { fetching, progress }),
    );
  });
}

/** A result whose lists of paths are cut. */
function bounded({ received, would_write, ...fetched }: Fetched): JsonObject {
  const lists = [
    received && listPaths("received", received),
    would_write && listPaths("would_write", would_write),
  ];
  const warnings = [fetched, ...lists].flatMap((each) => each?.warnings ?? []);
  return Object.assign(
    fetched,
    ...lists,
    warnings.length > 0 ? { warnings } : {},
  );
}

type OpenShell = () => Promise<HostShell>;

async function findMatches(
  open: OpenShell,
  src: string,
): Promise<Match[] | undefined> {
  await using shell = await open();
  return await expandPattern(shell, src);
}

/** Fetches each path to its place below the host's folder. */
async function fetchMatches(
  open: OpenShell,
  matches: readonly Match[],
  { fetching, progress }: { fetching: Fetching; progress: TransferProgress },
): Promise<Fetched> {
  const { folder, args, check, target } = fetching;
  let all: Fetched = { changed: false, dest: folder, files: 0, bytes: 0 };
  const received: string[] = [];
  for (const { path, parts } of matches) {
    const place = parts.slice(0, -1);
    await target.makeFolder(folder, { check });
    for (let i = 1; i <= place.length; i++) {
      await target.makeFolder(join(folder, ...place.slice(0, i)), { check });
    }
    const part = {
      ...fetching,
      args: { ...args, src: path },
      folder: join(folder, ...place),
      name: parts.at(-1)!,
      maxSize: fetching.maxSize - all.bytes,
    };
    const one = await fetchPath(open, part, progress).catch(asFailed);
    const warnings = [...all.warnings ?? [], ...one.warnings ?? []];
    if (fetching.namesFiles) {
      const below = relative(folder, one.dest);
      if (one.received) {
        for (const path of one.received) received.push(`${below}/${path}`);
      } else if (one.files > 0) received.push(below);
    }
    const wouldWrite = [
      ...all.would_write ?? [],
      ...(one.would_write ?? []).map((name) => [...place, name].join("/")),
    ];
    const msg = [all.msg, one.msg].filter((each) => each !== undefined);
    all = {
      changed: all.changed || one.changed,
      dest: folder,
      files: all.files + one.files,
      bytes: all.bytes + one.bytes,
      ...(wouldWrite.length > 0 ? { would_write: wouldWrite } : {}),
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(msg.length > 0 ? { failed: true, msg: msg.join("; ") } : {}),
    };
  }
  return received.length > 0 ? { ...all, received } : all;
}

/** One path that cannot be fetched does not keep the others from it. */
function asFailed(error: unknown): Fetched {
  if (!(error instanceof CallError)) throw error;
  const { message: msg } = error;
  return { changed: false, dest: "", files: 0, bytes: 0, failed: true, msg };
}

/** Fetches one file or folder. */
async function fetchPath(
  open: OpenShell,
  fetching: Fetching,
  progress: TransferProgress,
): Promise<Fetched> {
  const { src } = fetching.args;
  await using shell = await open();
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
    throw cannot("there is no such file or folder");
  }
  if (!isReadable) {
    throw cannot("permission denied", PERMISSION_HINT);
  }
  if (kind === "other") throw cannot("it is a device, a socket or a pipe");
  const entry = reader.stat();
  const ourUid = Number(reader.line());
  if (kind === "folder") {
    await fetching.target.makeFolder(fetching.folder, fetching);
    return await fetchFolder(shell, { ...fetching, ourUid }, progress);
  }
  if (fetching.name === "") throw cannot("it is not a folder");
  const isInOurs = reader.line() === "ours" && reader.line() === "";
  return await fetchFile(shell, { ...fetching, entry, isInOurs }, progress);
}
