// Reads a host's listing of a folder. Accepts names that stay in the folder, below
// folders that were listed before, and links that do not lead out of it. A name that
// leads out ends the fetch.
import { CallError } from "../../errors.ts";
import { AnswerReader, type HostEntry, isOurs } from "../remote/host_survey.ts";
import type { Fetching } from "./fetch_types.ts";
import { partsOf } from "../remote/listed_path.ts";
import { staysInside } from "./local_place.ts";

/** An entry of a folder on a host. */
export interface RemoteEntry extends HostEntry {
  readonly kind: "file" | "folder" | "link";
  /** As the host lists it: `./a/b`. */
  readonly name: string;
  readonly parts: readonly string[];
  /** Whether no other user can change its folder or a folder above that. */
  readonly isInOurs: boolean;
}

/** The most names in a listing. */
const MAX_NAMES = 200_000;
/** The most bytes of a listing. */
export const MAX_LISTING = 32 * 1024 * 1024;

/** A listing of a folder. */
export interface HostListing {
  readonly entries: readonly RemoteEntry[];
  /** What is left out on purpose, one sentence each. */
  readonly leftOut: readonly string[];
  /** Names and targets of links that cannot be written here: not UTF-8. */
  readonly notUtf8: readonly string[];
}

/** The error for a longer listing. */
export function tooMany({ args, host }: Fetching): CallError {
  return new CallError(
    `Cannot fetch ${args.src} from ${host}: it lists more than the ` +
      `${MAX_NAMES} names or ${MAX_LISTING} bytes that one host may list`,
    { hint: "Fetch its folders one at a time" },
  );
}

/**
 * Reads the output of `LISTING`; folders come before their content.
 *
 * @throws {CallError} when it is invalid or too long.
 */
export function readHostListing(
  bytes: Uint8Array,
  fetching: Fetching & { ourUid: number },
): HostListing {
  const { ourUid } = fetching;
  const reader = new AnswerReader(bytes);
  let count = 0;
  const entries: RemoteEntry[] = [];
  const leftOut: string[] = [];
  const notUtf8: string[] = [];
  const folders = new Set<string>();
  const seen = new Set<string>();
  const ours = new Set<string>();
  while (!reader.isAtEnd) {
    const names: { word: string | undefined; shown: string }[] = [];
    for (;;) {
      const name = reader.escapedWord();
      if (name.word === "") break;
      names.push(name);
      if (++count > MAX_NAMES) throw tooMany(fetching);
    }

    const found = reader.survey(names.length);
    if (found.length !== names.length) throw contradicts();
    for (const [i, { word: name, shown }] of names.entries()) {
      if (name === undefined) {
        notUtf8.push(shown.replace(/^\.\//, ""));
        continue;
      }
      const parts = partsOf(name);
      if (seen.has(name)) throw contradicts();
      seen.add(name);
      const entry = found[i]!;
      if (parts.length === 0) {
        folders.add(name);
        if (isOurs(entry, ourUid)) ours.add(name);
        continue;
      }
      const parent = name.slice(0, name.lastIndexOf("/"));
      if (!folders.has(parent)) throw contradicts();
      const isInOurs = ours.has(parent);
      const named = { name, parts, isInOurs };
      const place = parts.join("/");
      switch (entry.kind) {
        case "folder":
          folders.add(name);
          if (isInOurs && isOurs(entry, ourUid)) ours.add(name);
          entries.push({ ...entry, ...named, kind: "folder", size: 0 });
          break;
        case "file":
          entries.push({ ...entry, ...named, kind: "file" });
          break;
        case "link":
        case "folder link":
          if (entry.target === "") {
            notUtf8.push(`${place} (its target)`);
          } else if (staysInside(place, entry.target)) {
            entries.push({ ...entry, ...named, kind: "link", size: 0 });
          } else {
            leftOut.push(
              `The link ${place} was left out: it leads out of the folder, ` +
                `to ${entry.target}`,
            );
          }
          break;
        case "other":
          leftOut.push(
            `${place} was left out: it is a device, a socket or a pipe`,
          );
          break;
        case "nothing":
          break; // it was removed after it was listed
      }
    }
  }
  return { entries, leftOut, notUtf8 };
}

function contradicts(): CallError {
  return new CallError(
    "Cannot accept the host's listing: it contradicts itself",
  );
}
