// A folder from one host. The host lists what it has, what differs from what is
// here is asked for by name, and comes as a tar archive. Nothing that was not
// listed and asked for is taken.
import { join } from "@std/path";
import { CallError } from "../../errors.ts";
import { isUnlike, tooLarge } from "./fetch_file.ts";
import { attributesOf, type Fetched, type Fetching } from "./fetch_types.ts";
import { readHostListing, type RemoteEntry } from "./host_listing.ts";
import {
  assignable,
  encodeNames,
  LISTING,
  sumsOf,
  withNames,
} from "../remote/host_script.ts";
import type { HostShell } from "../remote/host_shell.ts";
import { readSums } from "../remote/host_survey.ts";
import {
  lookAt,
  makeFolder,
  setAttributes,
  writeLink,
  writeWhole,
} from "./local_place.ts";
import type { TransferProgress } from "../remote/transfer_progress.ts";
import { sumOfFile } from "../push/push_source.ts";
import { readTar } from "../tar/tar_reader.ts";

const SUM_BYTES = 512 * 1024 * 1024;
const SUM_NAMES = 2_000;
/** How many names a sentence lists. */
const MAX_NAMED = 5;

/** Fetches what is in the folder `$p`. */
export async function fetchFolder(
  shell: HostShell,
  fetching: Fetching,
  meter: TransferProgress,
): Promise<Fetched> {
  const { args, maxSize, name } = fetching;
  const answer = await shell.ask(
    `(cd "$p"&&find . -exec /bin/sh -c ${assignable(LISTING)} sh {} +)`,
  );
  const { entries, leftOut } = readHostListing(answer.bytes);
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (size > maxSize) throw tooLarge(args.src, size, maxSize);
  const root = join(fetching.folder, name);
  await makeFolder(root);
  let changed = 0;
  for (const { kind, parts, mode, mtime } of entries) {
    if (kind !== "folder") continue;
    const path = join(root, ...parts);
    const isNew = await lookAt(path) === undefined;
    await makeFolder(path);
    if (isNew) changed++;
    if (isNew || args.preserve) {
      // Its own owner must be able to write into it.
      const own = attributesOf({ mode: mode | 0o700, mtime }, fetching);
      await setAttributes(path, { ...own, mtime: undefined });
    }
  }
  for (const { kind, parts, target } of entries) {
    if (kind !== "link") continue;
    const path = join(root, ...parts);
    const there = await lookAt(path);
    if (there?.isSymlink && await Deno.readLink(path) === target) continue;
    await writeLink(path, target);
    changed++;
  }
  const { wanted, adjusted } = await compare(shell, {
    entries,
    root,
    fetching,
  });
  const missing = new Map(wanted.map((entry) => [entry.name, entry]));
  meter.expect(wanted.reduce((sum, entry) => sum + entry.size, 0));
  let bytes = 0;
  if (wanted.length > 0) {
    shell.finish(
      `(cd "$p"&&${withNames(wanted.length, 'tar -c -f - -- "$@"')})`,
      encodeNames(wanted.map((entry) => entry.name)),
    );
    const arrived = new Map<string, string>();
    for await (const file of readTar(shell)) {
      const entry = missing.get(file.name);
      if (entry === undefined) {
        throw new CallError(
          `Cannot accept what the host sends: ${
            JSON.stringify(file.name)
          } was not asked for`,
        );
      }
      if ((bytes += file.size) > maxSize) {
        throw tooLarge(args.src, bytes, maxSize);
      }
      const path = join(root, ...entry.parts);
      const first = file.sameAs === undefined
        ? undefined
        : arrived.get(file.sameAs);
      if (file.sameAs !== undefined && first === undefined) {
        throw new CallError(
          "Cannot accept what the host sends: a second name without a first",
        );
      }
      await writeWhole(
        path,
        first === undefined
          ? meter.over(file.content)
          : (await Deno.open(first)).readable,
        { ...attributesOf(entry, fetching), size: entry.size, sync: false },
      );
      missing.delete(file.name);
      arrived.set(file.name, path);
    }
    await shell.answer();
  }
  const files = wanted.length - missing.size;
  return {
    changed: changed + files + adjusted > 0,
    dest: root,
    files,
    bytes,
    ...(leftOut.length > 0 ? { warnings: leftOut } : {}),
    ...failureOf([...missing.keys()], { hasAll: answer.status === 0 }),
  };
}

/** The files that are to be sent; others are given their attributes. */
async function compare(
  shell: HostShell,
  { entries, root, fetching }: {
    entries: readonly RemoteEntry[];
    root: string;
    fetching: Fetching;
  },
): Promise<{ wanted: RemoteEntry[]; adjusted: number }> {
  const wanted: RemoteEntry[] = [];
  let adjusted = 0;
  let batch: { entry: RemoteEntry; path: string; there: Deno.FileInfo }[] = [];
  let bytes = 0;
  const ask = async () => {
    const answer = await shell.ask(
      sumsOf(batch.length),
      encodeNames(batch.map(({ entry }) => entry.name)),
    );
    const sums = readSums(answer.text);
    const isWhole = sums.length === batch.length;
    for (const [i, { entry, path, there }] of batch.entries()) {
      if (!isWhole || sums[i] !== await sumOfFile(path)) wanted.push(entry);
      else if (fetching.args.preserve) {
        const attributes = attributesOf(entry, fetching);
        if (!isUnlike(there, attributes)) continue;
        await setAttributes(path, attributes);
        adjusted++;
      }
    }
    [batch, bytes] = [[], 0];
  };
  for (const entry of entries) {
    if (entry.kind !== "file") continue;
    const path = join(root, ...entry.parts);
    const there = await lookAt(path);
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

/** What says that something of the folder could not be read. */
function failureOf(
  missing: readonly string[],
  { hasAll }: { hasAll: boolean },
): Pick<Fetched, "failed" | "msg"> {
  if (missing.length === 0 && hasAll) return {};
  const named = missing.slice(0, MAX_NAMED).map((name) => name.slice(2));
  const more = missing.length - named.length;
  const which = missing.length === 0
    ? "a folder in it"
    : named.join(", ") + (more > 0 ? ` and ${more} more` : "");
  return { failed: true, msg: `The host could not read ${which}` };
}
