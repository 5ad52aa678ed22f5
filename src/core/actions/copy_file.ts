// Copies one file: compares it with the host's, and sends it when it differs.
// Follows Ansible's action plugin copy (`_copy_file`).
import { join } from "@std/path";
import type { JsonObject } from "../../protocol/message.ts";
import type { Call } from "../call/call.ts";
import type { OpenHost } from "../work/host_context.ts";
import type { LocalFile } from "../work/local_source.ts";
import { fail, isYes, runStep, without } from "./action_result.ts";
import { contentDiff } from "./content_diff.ts";
import type { CopyModules } from "./copy_modules.ts";
import { digest } from "./local_file.ts";
import { statOf } from "./remote_stat.ts";

/** A file to copy. */
export interface FileCopy {
  readonly modules: CopyModules;
  readonly call: Call;
  /** The arguments of the whole copy. */
  readonly args: JsonObject;
  readonly file: LocalFile;
  /** The file's path below `dest`, if that is a folder. */
  readonly place: string;
  readonly dest: string;
  /** Whether links on the host are followed. */
  readonly follow: boolean;
  /** Whether the content is a string in the arguments. */
  readonly isText: boolean;
}

/** Copies a file; undefined when it must not be replaced. */
export async function copyFile(
  host: OpenHost,
  { modules, call, args, file, place, dest, follow, isText }: FileCopy,
): Promise<JsonObject | undefined> {
  const { stat } = modules;
  const force = isYes(args.force, true);
  const look = (path: string) =>
    statOf(host, { stat, path, follow, checksum: force });
  let path = dest.endsWith("/") ? join(dest, place) : dest;
  let there = await look(path);
  if (there.exists && there.isdir) {
    if (isText) fail("can not use content with a dir as dest");
    path = join(path, place);
    there = await look(path);
  }
  if (there.exists && !force) return undefined;
  const checksum = await digest(file, "sha1");
  const mode: JsonObject = args.mode === "preserve" && file.mode !== undefined
    ? { mode: `0${file.mode.toString(8).padStart(3, "0")}` }
    : {};
  if (there.exists && checksum === there.checksum) {
    let target = dest;
    if (follow) {
      const { linkTarget } = await statOf(host, { stat, path, follow: false });
      target = linkTarget ?? dest;
    }
    const answer = await runStep(host, modules.file, {
      ...without(fileArguments(args), ["src"]),
      ...mode,
      dest: target,
      _original_basename: place,
      recurse: false,
      state: "file",
    });
    return { ...answer, checksum: answer.checksum || checksum };
  }
  const diff: JsonObject = call.diff
    ? { diff: [await contentDiff(host, { modules, path, file })] }
    : {};
  if (call.check) return { ...diff, changed: true };
  const answer = await host.stage<JsonObject>(
    file,
    { mode: 0o600, isUsedUp: ({ changed, failed }) => !!changed && !failed },
    (src) =>
      runStep(host, modules.copy, {
        checksum,
        ...without(args, ["content", "decrypt"]),
        ...mode,
        src,
        dest,
        _original_basename: place,
        follow,
      }),
  );
  // The module reports the path of the temporary file.
  const src: JsonObject = Object.hasOwn(answer, "src")
    ? { src: file.path }
    : {};
  return {
    ...diff,
    ...answer,
    ...src,
    checksum: answer.checksum || checksum,
  };
}

// FILE_COMMON_ARGUMENTS of module_utils/basic.py, and REAL_FILE_ARGS of the
// action plugin copy.
const FILE_ARGUMENTS =
  "mode owner group seuser serole selevel setype attributes unsafe_writes " +
  "state path _original_basename recurse force _diff_peek src";

/** The arguments of a copy that the module file takes. */
export function fileArguments(args: JsonObject): JsonObject {
  const known = FILE_ARGUMENTS.split(" ");
  return Object.fromEntries(
    Object.entries(args).filter(([name]) => known.includes(name)),
  );
}
