// The old and the new content of a file on the host, for a diff. Follows
// `_get_diff_data` of Ansible's action plugins.
import type { JsonObject } from "../../protocol/message.ts";
import type { OpenHost } from "../work/host_context.ts";
import type { LocalFile } from "../work/local_source.ts";
import { runStep } from "./action_result.ts";
import type { CopyModules } from "./copy_modules.ts";

/** In bytes; Ansible's MAX_FILE_SIZE_FOR_DIFF. */
const MAX_SIZE = 104_448;

/** Both sides of the diff, or the reason why a side is not shown. */
export async function contentDiff(
  host: OpenHost,
  { modules, path, file }: {
    modules: CopyModules;
    path: string;
    file: LocalFile;
  },
): Promise<JsonObject> {
  const peek = await runStep(host, modules.file, { path, _diff_peek: true });
  if (peek.failed) return {};
  return {
    ...await before(host, { modules, path, peek }),
    ...await after(file),
  };
}

async function before(
  host: OpenHost,
  { modules, path, peek }: {
    modules: CopyModules;
    path: string;
    peek: JsonObject;
  },
): Promise<JsonObject> {
  const { state, appears_binary, size } = peek;
  if (state === undefined || state === null || state === "absent") {
    return { before: "" };
  }
  if (appears_binary) return { dst_binary: 1 };
  if (Number(size) > MAX_SIZE) return { dst_larger: MAX_SIZE };
  const { content } = await runStep(host, modules.slurp, { path });
  if (typeof content !== "string") return {};
  const bytes = Uint8Array.fromBase64(content);
  return { before_header: path, before: new TextDecoder().decode(bytes) };
}

async function after(file: LocalFile): Promise<JsonObject> {
  if (file.size > MAX_SIZE) return { src_larger: MAX_SIZE };
  const bytes = await new Response(await file.open()).bytes();
  if (bytes.includes(0)) return { src_binary: 1 };
  return { after_header: file.path, after: new TextDecoder().decode(bytes) };
}
