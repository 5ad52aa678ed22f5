// `diff`: the content of text files before and after a push, in the shape of
// Ansible's `diff`. A file of the host is read only when it is the listed file, not
// a link that another user has put there since.
import type { JsonObject } from "../../protocol/message.ts";
import type { HostShell } from "../remote/host_shell.ts";
import type { HostEntry } from "../remote/host_survey.ts";
import { FOLLOWING, goTo } from "../remote/host_walk.ts";
import { word } from "../remote/shell_names.ts";
import type { Pushing } from "./push_types.ts";
import type { SourceEntry } from "./push_source.ts";

/** In bytes; Ansible's MAX_FILE_SIZE_FOR_DIFF. */
const MAX_SIZE = 104_448;
/** How many files are shown for one host. */
const MAX_FILES = 50;

/** A file or link that is pushed, and what is at its place. */
export interface Differing {
  readonly entry: SourceEntry;
  readonly there: HostEntry;
  /** Its path on the host, for people. */
  readonly path: string;
  /** The folders to enter from the present one, and its name there. */
  readonly parts: readonly string[];
}

/** The diffs of files; those after the first 50 are left out. */
export async function diffOf(
  shell: HostShell,
  files: readonly Differing[],
  pushing: Pushing,
): Promise<{ diff: JsonObject[] }> {
  const diff: JsonObject[] = [];
  for (const file of files.slice(0, MAX_FILES)) {
    if (file.entry.kind !== "file") continue;
    diff.push(await oneDiff(shell, file, pushing));
  }
  if (files.length > MAX_FILES) {
    diff.push({
      prepared: `(${files.length - MAX_FILES} more files are not shown)\n`,
    });
  }
  return { diff };
}

async function oneDiff(
  shell: HostShell,
  { entry, there, path, parts }: Differing,
  pushing: Pushing,
): Promise<JsonObject> {
  const headers = { before_header: path, after_header: path };
  if (entry.size > MAX_SIZE) return { ...headers, src_larger: MAX_SIZE };
  if (there.kind === "file" && there.size > MAX_SIZE) {
    return { ...headers, dst_larger: MAX_SIZE };
  }
  const content = ReadableStream.from(pushing.contents.of(entry));
  const after = await new Response(content).bytes();
  if (after.includes(0)) return { ...headers, src_binary: 1 };
  const before = there.kind === "file"
    ? await readThere(shell, parts, there.size)
    : new Uint8Array();
  if (before === undefined) return {};
  if (before.includes(0)) return { ...headers, dst_binary: 1 };
  const text = new TextDecoder();
  return {
    before_header: path,
    before: text.decode(before),
    after_header: path,
    after: text.decode(after),
  };
}

/** The content of a file on the host; undefined when it cannot be read. */
async function readThere(
  shell: HostShell,
  parts: readonly string[],
  size: number,
): Promise<Uint8Array | undefined> {
  const { bytes, status } = await shell.ask(
    `(${FOLLOWING}Q=;lk;${goTo(parts.slice(0, -1))} >&2&&` +
      `f=${
        word(`./${parts.at(-1)}`)
      }&&{ vf&&head -c ${size};} <"$f") 2>/dev/null`,
  );
  return status === 0 ? bytes : undefined;
}
