// Fetches a folder from one host. The host lists the folder; the files that differ
// from those here are requested by name, and arrive as a tar archive. Only files that were
// listed and requested are accepted.
import { join } from "@std/path";
import { CallError } from "../../errors.ts";
import { isUnlike, tooLarge } from "./fetch_file.ts";
import { attributesOf, type Fetched, type Fetching } from "./fetch_types.ts";
import {
  MAX_LISTING,
  readHostListing,
  type RemoteEntry,
  tooMany,
} from "./host_listing.ts";
import {
  encodeNames,
  LISTING,
  SUM_BYTES,
  SUM_NAMES,
  sumsOf,
} from "../remote/host_script.ts";
import { singleQuoted } from "../shell/shell_script.ts";
import type { HostShell } from "../remote/host_shell.ts";
import { readSums } from "../remote/host_survey.ts";
import { Sending } from "./host_sending.ts";
import type { Earlier } from "./fetch_target.ts";
import { refuseToReplace } from "./local_place.ts";
import type { TransferProgress } from "../remote/transfer_progress.ts";
import { readTar } from "../tar/tar_reader.ts";

/** The size of a folder on most file systems, for the limit. */
const FOLDER_BYTES = 4096;
/** How many names an error lists. */
const MAX_NAMED = 5;

/** Fetches the content of the folder that was entered. */
export async function fetchFolder(
  shell: HostShell,
  fetching: Fetching & { ourUid: number },
  progress: TransferProgress,
): Promise<Fetched> {
  const { args, check, maxSize, name, target } = fetching;
  const answer = await shell.ask(
    `find . -exec /bin/sh -c ${singleQuoted(LISTING)} sh {} +`,
    { limit: { bytes: MAX_LISTING, error: () => tooMany(fetching) } },
  );
  const { entries, leftOut, notUtf8 } = readHostListing(answer.bytes, fetching);
  const folders = entries.filter(({ kind }) => kind === "folder").length;
  const size = entries.reduce(
    (sum, entry) => sum + entry.size,
    folders * FOLDER_BYTES,
  );
  if (size > maxSize) throw tooLarge(fetching, size);
  const root = join(fetching.folder, name);
  await target.makeFolder(root, { check });
  let changed = 0;
  for (const { kind, parts, mode, mtime } of entries) {
    if (kind !== "folder") continue;
    const path = join(root, ...parts);
    const isNew = await target.lookAt(path) === undefined;
    await target.makeFolder(path, { check });
    if (isNew) changed++;
    if (!check && (isNew || args.preserve)) {
      // We must be able to write into it.
      const own = attributesOf({ mode: mode | 0o700, mtime }, fetching);
      await target.setAttributes(path, { ...own, mtime: undefined });
    }
  }
  for (const { kind, parts, target: to } of entries) {
    if (kind !== "link") continue;
    const path = join(root, ...parts);
    const there = await target.lookAt(path);
    if (there?.isSymlink && await target.readLink(path) === to) continue;
    if (check) refuseToReplace(path, there);
    else await target.writeLink(path, to);
    changed++;
  }
  const { wanted, adjusted } = await compare(shell, {
    entries,
    root,
    fetching,
  });
  if (check) {
    return {
      changed: changed + wanted.length + adjusted > 0,
      dest: root,
      files: wanted.length,
      bytes: wanted.reduce((sum, entry) => sum + entry.size, 0),
      ...(wanted.length > 0
        ? {
          // Sorted, because hosts list their files in any order.
          would_write: wanted.map(({ parts }) =>
            [...name === "" ? [] : [name], ...parts].join("/")
          ).sort(),
        }
        : {}),
      ...(leftOut.length > 0 ? { warnings: [...leftOut] } : {}),
      ...failureOf([], { hasAll: answer.status === 0, notUtf8 }),
    };
  }
  const sending = await Sending.of(wanted);
  progress.expect(wanted.reduce((sum, entry) => sum + entry.size, 0));
  const received: string[] = [];
  let bytes = 0;
  let written = folders * FOLDER_BYTES;
  if (wanted.length > 0) {
    shell.finish(sending.script, sending.input);
    const arrived = new Map<string, { path: string; size: number }>();
    for await (const file of readTar(shell)) {
      const entry = sending.take(file);
      const first = file.sameAs === undefined
        ? undefined
        : arrived.get(sending.nameOf({ ...file, name: file.sameAs }) ?? "");
      if (file.sameAs !== undefined && first === undefined) {
        throw new CallError(
          "Cannot accept the host's archive: it has a hard link to a file that it does not hold",
        );
      }
      const size = first?.size ?? file.size;
      // A hard link is sent without content, but written as a whole file here.
      if ((written += size) > maxSize) throw tooLarge(fetching, written);
      bytes += file.size;
      const path = join(root, ...entry.parts);
      await target.writeWhole(
        path,
        first === undefined
          ? progress.over(file.content)
          : target.read(first.path),
        { ...attributesOf(entry, fetching), size, sync: false },
      );
      arrived.set(entry.name, { path, size });
      received.push(entry.parts.join("/"));
    }
    await shell.answer();
  }
  const missing = sending.missing;
  const files = wanted.length - missing.length;
  return {
    changed: changed + files + adjusted > 0,
    dest: root,
    files,
    bytes,
    ...(fetching.namesFiles && received.length > 0 ? { received } : {}),
    ...(leftOut.length > 0 ? { warnings: [...leftOut] } : {}),
    ...failureOf(missing, { hasAll: answer.status === 0, notUtf8 }),
  };
}

/** The files to request; the others get their attributes. */
async function compare(
  shell: HostShell,
  { entries, root, fetching }: {
    entries: readonly RemoteEntry[];
    root: string;
    fetching: Fetching;
  },
): Promise<{ wanted: RemoteEntry[]; adjusted: number }> {
  const { target } = fetching;
  const wanted: RemoteEntry[] = [];
  let adjusted = 0;
  let batch: { entry: RemoteEntry; path: string; there: Earlier }[] = [];
  let bytes = 0;
  const ask = async () => {
    const answer = await shell.ask(
      sumsOf(batch.length),
      { input: encodeNames(batch.map(({ entry }) => entry.name)) },
    );
    const sums = readSums(answer.text);
    const isWhole = sums.length === batch.length;
    for (const [i, { entry, path, there }] of batch.entries()) {
      if (!isWhole || sums[i] !== await target.sumOf(path)) wanted.push(entry);
      else if (fetching.args.preserve) {
        const attributes = attributesOf(entry, fetching);
        if (!isUnlike(there, attributes)) continue;
        if (!fetching.check) await target.setAttributes(path, attributes);
        adjusted++;
      }
    }
    [batch, bytes] = [[], 0];
  };
  for (const entry of entries) {
    if (entry.kind !== "file") continue;
    const path = join(root, ...entry.parts);
    const there = await target.lookAt(path);
    if (fetching.check) refuseToReplace(path, there);
    if (!there?.isFile || there.size !== entry.size) {
      wanted.push(entry);
      continue;
    }
    batch.push({ entry, path, there });
    bytes += entry.size;
    if (bytes >= SUM_BYTES || batch.length >= SUM_NAMES) await ask();
  }
  if (batch.length > 0) await ask();
  return { wanted, adjusted };
}

/** The failure when something is missing here. */
function failureOf(
  missing: readonly string[],
  { hasAll, notUtf8 }: { hasAll: boolean; notUtf8: readonly string[] },
): Pick<Fetched, "failed" | "msg"> {
  const reasons: string[] = [];
  if (missing.length > 0) {
    const names = missing.map((name) => name.slice(2));
    reasons.push(`The host could not read ${listSome(names)}`);
  } else if (!hasAll) reasons.push("The host could not read a folder in it");
  if (notUtf8.length > 0) {
    reasons.push(`Left out what is not UTF-8: ${listSome(notUtf8)}`);
  }
  if (reasons.length === 0) return {};
  return { failed: true, msg: reasons.join(". ") };
}

function listSome(names: readonly string[]): string {
  const named = names.slice(0, MAX_NAMED);
  const more = names.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
