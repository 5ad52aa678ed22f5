// copy: copies files, folders and strings from the controller to the host. Content is
// sent on Streams of its own; modules on the host do the rest. Follows Ansible's
// action plugin copy.
import { join } from "@std/path";
import { NotUtf8 } from "../../disk/list_names.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import {
  fileOf,
  type LocalFile,
  type LocalTree,
} from "../work/local_source.ts";
import {
  concludeAction,
  endWith,
  fail,
  isYes,
  runStep,
  textOf,
} from "./action_result.ts";
import { copyFile, fileArguments } from "./copy_file.ts";
import { type CopyModules, prepareCopy } from "./copy_modules.ts";
import { findLocal } from "./find_local.ts";
import { openLocal, openText } from "./local_file.ts";
import { walkTree } from "./local_tree.ts";
import type { ReadLocal } from "./read_local.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of copy. */
export const planCopy: Plan = async (_, { fleet }) => {
  const modules = await prepareCopy(fleet);
  const { secrets, warnings } = modules.copy;
  return {
    secrets,
    // As in Ansible, a requested diff shows the content.
    shown: ["content"],
    warnings,
    run: (context) =>
      concludeAction(
        context,
        () => context.use((host) => copy(host, { context, modules })),
      ),
  };
};

interface Copying {
  context: HostContext;
  modules: CopyModules;
}

async function copy(
  host: OpenHost,
  { context, modules }: Copying,
): Promise<JsonObject> {
  const { args, call } = context;
  const { content = null } = args;
  const src = textOf(args.src);
  const dest = textOf(args.dest);
  if (src === undefined && content === null) {
    fail("src (or content) is required");
  }
  if (dest === undefined) fail("dest is required");
  if (src !== undefined && content !== null) {
    fail("src and content are mutually exclusive");
  }
  if (src === undefined) {
    if (dest.endsWith("/")) fail("can not use content with a dir as dest");
    const file = openText(content);
    const follow = isYes(args.follow);
    const one = { modules, call, args, file, place: file.name, dest, follow };
    return withDest(
      await copyFile(host, { ...one, isText: true }) ??
        { dest, src: file.path, changed: false },
    );
  }
  if (isYes(args.remote_src)) return await runStep(host, modules.copy, args);
  const source = await context.local(() => readCopy(context));
  if (source !== undefined && "tree" in source) {
    const { tree } = source;
    return await copyFolder(host, { context, modules, tree, dest });
  }
  const file = fileOf(source);
  const follow = isYes(args.follow);
  const one = { modules, call, args, file, place: file.name, dest, follow };
  return withDest(
    await copyFile(host, { ...one, isText: false }) ??
      { dest, src: file.path, changed: false },
  );
}

/** Reads the file or folder `src`. */
export const readCopy: ReadLocal = async ({ args, vault }) => {
  const src = textOf(args.src);
  const hasContent = (args.content ?? null) !== null;
  if (src === undefined || hasContent || isYes(args.remote_src)) {
    return undefined;
  }
  const opening = { vault, decrypt: isYes(args.decrypt, true) };
  const full = await findLocal(src, "files");
  const info = await Deno.stat(full).catch(() => undefined);
  if (!info?.isDirectory) return { file: await openLocal(src, opening) };
  const top = src.endsWith("/") ? `${full}/` : full;
  const tree = await walkTree(top, { follow: isYes(args.local_follow, true) })
    .catch((error) => {
      if (
        error instanceof NotUtf8 || error instanceof Deno.errors.InvalidData
      ) {
        fail(`Cannot copy ${src}: ${error.message}`);
      }
      throw error;
    });
  const files: [LocalFile, string][] = [];
  for (const [path, place] of tree.files) {
    files.push([await openLocal(path, opening), place]);
  }
  return { tree: { ...tree, path: top, files } };
};

/** Adds `dest` to a result of the module file, which has `path`. */
function withDest(answer: JsonObject): JsonObject {
  return Object.hasOwn(answer, "path") && !Object.hasOwn(answer, "dest")
    ? { ...answer, dest: answer.path! }
    : answer;
}

async function copyFolder(
  host: OpenHost,
  { context, modules, tree, dest }: Copying & { tree: LocalTree; dest: string },
): Promise<JsonObject> {
  const { args, call } = context;
  const below = dest.endsWith("/") ? dest : `${dest}/`;
  const follow = tree.folders.length === 0 && isYes(args.follow);
  const answers: JsonObject[] = [];
  const note = (answer: JsonObject) => {
    if (answer.failed) endWith(answer);
    answers.push(answer);
  };
  for (const [file, place] of tree.files) {
    const one = { modules, call, args, file, place, dest: below, follow };
    const answer = await copyFile(host, { ...one, isText: false });
    if (answer !== undefined) note(answer);
  }
  for (const each of foldersAndLinks(tree, { args, below })) {
    note(await runStep(host, modules.file, each));
  }
  if (answers.length > 0 && tree.files.length === 1) {
    const changed = answers.some((answer) => answer.changed === true);
    return withDest({ ...answers.at(-1)!, changed });
  }
  const changed = answers.some((answer) => answer.changed === true);
  return { dest: below, src: tree.path, changed };
}

/** The arguments of the module file, for each folder and then for each link. */
function foldersAndLinks(
  { folders, links }: LocalTree,
  { args, below }: { args: JsonObject; below: string },
): JsonObject[] {
  const { src: _, mode, ...known } = fileArguments(args);
  return [
    ...folders.map((place) => ({
      ...known,
      path: join(below, place),
      state: "directory",
      mode: args.directory_mode ?? null,
      recurse: false,
    })),
    ...links.map(([target, place]) => ({
      ...known,
      ...(mode === undefined || mode === "preserve" ? {} : { mode }),
      path: join(below, place),
      src: target,
      state: "link",
      force: true,
      ...(folders.length > 0 ? { follow: false } : {}),
    })),
  ];
}
