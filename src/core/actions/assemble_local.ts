// assemble with remote_src=no: joins the files of a folder on the controller, and sends
// the whole as copy does. Follows Ansible's action plugin assemble.
import { join } from "@std/path";
import { PYTHON_ESCAPES } from "../../template/values/python_escapes.ts";
import { listNames } from "../../disk/list_names.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";
import { fileOf, type LocalFile } from "../work/local_source.ts";
import { fail, isYes, runStep, textOf, without } from "./action_result.ts";
import { contentDiff } from "./content_diff.ts";
import type { CopyModules } from "./copy_modules.ts";
import { findLocal } from "./find_local.ts";
import { openLocal } from "./local_file.ts";
import type { ReadLocal } from "./read_local.ts";

/** The options that only assemble has, not copy. */
const OWN = "remote_src regexp delimiter ignore_hidden decrypt".split(" ");

/** Joins the fragments and copies them to the host. */
export async function assembleLocal(
  context: HostContext,
  modules: CopyModules,
): Promise<JsonObject> {
  const { args, call } = context;
  const dest = textOf(args.dest);
  if (textOf(args.src) === undefined || dest === undefined) {
    fail("src and dest are required");
  }
  const file = fileOf(await context.local(() => readFragments(context)));
  return await context.use(async (host: OpenHost) => {
    const diff: JsonObject = call.diff
      ? { diff: await contentDiff(host, { modules, path: dest, file }) }
      : {};
    const answer = await host.stage<JsonObject>(
      file,
      { mode: 0o600, isUsedUp: ({ changed, failed }) => !!changed && !failed },
      (src) => runStep(host, modules.copy, { ...without(args, OWN), src }),
    );
    const src: JsonObject = Object.hasOwn(answer, "src")
      ? { src: file.path }
      : {};
    return { ...answer, ...diff, ...src };
  });
}

/** The fragments of the folder `src`, joined, as one file. */
export const readFragments: ReadLocal = async ({ args, vault }) => {
  const src = textOf(args.src);
  if (src === undefined || isYes(args.remote_src, true)) return undefined;
  const folder = await findLocal(src, "files");
  const info = await Deno.stat(folder).catch(() => undefined);
  if (info === undefined) {
    fail(`Could not find or access '${src}' on this machine`);
  }
  if (!info.isDirectory) fail(`Source (${src}) is not a directory`);
  const wanted = patternOf(textOf(args.regexp));
  const decrypt = isYes(args.decrypt, true);
  const parts: LocalFile[] = [];
  for (const { name } of await listNames(folder)) {
    if (wanted && !wanted.test(name)) continue;
    if (isYes(args.ignore_hidden) && name.startsWith(".")) continue;
    const path = join(folder, name);
    if (!(await Deno.stat(path).catch(() => undefined))?.isFile) continue;
    parts.push(await openLocal(path, { vault, decrypt }));
  }
  const between = betweenBytes(textOf(args.delimiter));
  const chunks = await Array.fromAsync(joined(parts, between));
  const content = new Blob(chunks);
  const file = {
    name: "src",
    path: folder,
    size: content.size,
    mode: undefined,
    open: () => Promise.resolve(content.stream()),
  };
  return { file };
};

function patternOf(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text, "u");
  } catch {
    fail(`Invalid Regexp (${text}) in "regexp"`);
  }
}

/**
 * The bytes between two fragments. Ansible adds a newline after every delimiter on
 * Python 3, even after one that ends with a newline.
 */
function betweenBytes(
  delimiter: string | undefined,
): Uint8Array<ArrayBuffer> | undefined {
  if (delimiter === undefined) return undefined;
  const decoded = delimiter.replace(
    /\\(?:([\\'"abfnrtv])|x([0-9a-fA-F]{2})|([0-7]{1,3}))/g,
    (_, simple, hex, octal) =>
      simple !== undefined
        ? PYTHON_ESCAPES[simple]!
        : String.fromCharCode(hex ? parseInt(hex, 16) : parseInt(octal, 8)),
  );
  return new TextEncoder().encode(`${decoded}\n`);
}

/** The fragments, with newlines where they lack one, and what is between them. */
async function* joined(
  parts: readonly LocalFile[],
  between: Uint8Array<ArrayBuffer> | undefined,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  let lacksNewline = false;
  for (const [index, part] of parts.entries()) {
    const bytes = await new Response(await part.open()).bytes();
    if (lacksNewline) yield NEWLINE;
    if (index > 0 && between !== undefined) yield between;
    yield bytes;
    lacksNewline = bytes.at(-1) !== 0x0a;
  }
}

const NEWLINE = new Uint8Array([0x0a]);
