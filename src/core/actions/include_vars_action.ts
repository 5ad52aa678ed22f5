// include_vars: reads variables from files of the controller, for the rest of the
// session. Contacts no host. Follows Ansible's action plugin include_vars.
import { extname, join, resolve } from "@std/path";
import { listNames } from "../../disk/list_names.ts";
import { messageOf } from "../../errors.ts";
import type { JsonObject } from "../../protocol/message.ts";
import { argumentsOf, readVariables } from "../input/argument_file.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Plan } from "../work/task.ts";
import { textsOf } from "./action_options.ts";
import {
  concludeAction,
  endWith,
  fail,
  isYes,
  textOf,
} from "./action_result.ts";
import { findLocal } from "./find_local.ts";

const FOLDER_OPTIONS = [
  "dir",
  "depth",
  "files_matching",
  "ignore_files",
  "extensions",
  "ignore_unknown_extensions",
];
const OPTIONS = [...FOLDER_OPTIONS, "file", "_raw_params", "name"];
const EXTENSIONS = ["yaml", "yml", "json"];

/** Plans a call of include_vars. */
export const planIncludeVars: Plan = (_, { fleet }) =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(
        context,
        () => include(context, (text) => fleet.secrets.add(text)),
      ),
  });

async function include(
  context: HostContext,
  onSecret: (text: string) => void,
): Promise<JsonObject> {
  const { args, vault } = context;
  for (const name of Object.keys(args)) {
    if (OPTIONS.includes(name)) continue;
    fail(`${name} is not a valid option in include_vars`);
  }
  const one = textOf(args.file) ?? textOf(args._raw_params);
  const folder = textOf(args.dir);
  if (one !== undefined && FOLDER_OPTIONS.some((name) => name in args)) {
    fail(
      "You are mixing file only and dir only arguments, these are incompatible",
    );
  }
  if (one === undefined && folder === undefined) {
    fail("include_vars needs file or dir");
  }
  const files = one === undefined ? await filesIn(folder!, args) : [one];
  let variables: Record<string, unknown> = {};
  let shown: JsonObject = {};
  const read: string[] = [];
  for (const file of files) {
    const path = one === undefined ? file : await findLocal(file, "vars");
    const text = await Deno.readTextFile(path).catch(() =>
      failWith(`Could not find or access '${file}' on this machine`)
    );
    const found = await readVariables({ file, text }, { vault })
      .catch((error) => failWith(messageOf(error)));
    const { args: plain } = await argumentsOf(found, { file, onSecret })
      .catch((error) => failWith(messageOf(error)));
    variables = { ...variables, ...found };
    shown = { ...shown, ...plain };
    read.push(path);
  }
  const name = textOf(args.name);
  // What is marked !unsafe, or was encrypted, stays so for later lines.
  context.setVariables(
    name === undefined ? variables : { [name]: variables },
    { by: "include_vars" },
  );
  return {
    changed: false,
    ansible_facts: name === undefined ? shown : { [name]: shown },
    ansible_included_var_files: read,
  };
}

/** Ends the action as Ansible does when a file or a folder is wrong. */
function failWith(message: string): never {
  return endWith({
    failed: true,
    message,
    ansible_facts: {},
    ansible_included_var_files: [],
  });
}

/** The files of a folder that the options choose, folder by folder. */
async function filesIn(folder: string, args: JsonObject): Promise<string[]> {
  const info = await Deno.stat(folder).catch(() => undefined);
  if (info === undefined) failWith(`${folder} directory does not exist`);
  if (!info.isDirectory) failWith(`${folder} is not a directory`);
  const depth = Number(args.depth ?? 0);
  const matching = patternOf(textOf(args.files_matching));
  const ignored = (textsOf(args.ignore_files) ?? [])
    .map((text) => patternOf(`(?:${text})$`)!);
  const extensions = textsOf(args.extensions) ?? EXTENSIONS;
  const found: string[] = [];
  for (const below of await foldersIn(resolve(folder), depth || Infinity)) {
    for (const { name, isFile, isSymlink } of await listNames(below)) {
      if (!isFile && !isSymlink) continue;
      if (matching && !matching.test(name)) continue;
      if (ignored.some((pattern) => pattern.test(name))) continue;
      const path = join(below, name);
      if (extensions.includes(extname(name).slice(1))) found.push(path);
      else if (!isYes(args.ignore_unknown_extensions)) {
        failWith(
          `${path} does not have a valid extension: ${extensions.join(", ")}`,
        );
      }
    }
  }
  return found;
}

/** A folder and those below it, sorted by their paths, up to a number of them. */
async function foldersIn(top: string, most: number): Promise<string[]> {
  const folders: string[] = [];
  const visit = async (folder: string) => {
    folders.push(folder);
    for (const { name, isDirectory } of await listNames(folder)) {
      if (isDirectory) await visit(join(folder, name));
    }
  };
  await visit(top);
  return folders.sort().slice(0, most);
}

function patternOf(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch {
    fail(`Invalid regular expression: ${text}`);
  }
}
