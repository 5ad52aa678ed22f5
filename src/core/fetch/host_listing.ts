// A host's word of what is in a folder, and what of it is taken: names that stay
// in the folder, below folders that were listed before, and links that do not
// lead out. A name that leads out is a lie, and ends the fetch.
import { CallError } from "../../errors.ts";
import { AnswerReader, type HostEntry, isOurs } from "../remote/host_survey.ts";
import type { Fetching } from "./fetch_types.ts";
import { partsOf, staysInside } from "./local_place.ts";

/** Something in a folder of a host. */
export interface RemoteEntry extends HostEntry {
  readonly kind: "file" | "folder" | "link";
  /** As the host says it: `./a/b`. */
  readonly name: string;
  readonly parts: readonly string[];
  /** No other user can change the folder that it lies in, or the way to it. */
  readonly isInOurs: boolean;
}

/** The most names of a host that are kept. */
const MAX_NAMES = 200_000;
/** The most bytes that they may take, with what is said of each. */
export const MAX_LISTING = 32 * 1024 * 1024;

/** The error of a folder that holds more than that. */
export function tooMany({ args, host }: Fetching): CallError {
  return new CallError(
    `Cannot fetch ${args.src} from ${host}: it lists more than the ` +
      `${MAX_NAMES} names or ${MAX_LISTING} bytes that one host may list`,
    { hint: "Fetch its folders one after the other" },
  );
}

/**
 * Reads what `LISTING` prints; folders come before what they hold.
 *
 * @throws {CallError} when it is no such list, or too long.
 */
export function readHostListing(
  bytes: Uint8Array,
  fetching: Fetching & { ourUid: number },
): { entries: RemoteEntry[]; leftOut: string[] } {
  const { ourUid } = fetching;
  const reader = new AnswerReader(bytes);
  let count = 0;
  const entries: RemoteEntry[] = [];
  const leftOut: string[] = [];
  const folders = new Set<string>();
  const seen = new Set<string>();
  const ours = new Set<string>();
  while (!reader.isAtEnd) {
    const names: (string | undefined)[] = [];
    for (;;) {
      const name = reader.word();
      if (name === "") break;
      names.push(name);
      if (++count > MAX_NAMES) throw tooMany(fetching);
    }

    const found = reader.survey(names.length);
    if (found.length !== names.length) throw contradicts();
    for (const [i, name] of names.entries()) {
      if (name === undefined) {
        leftOut.push("A name that is not UTF-8 was left out");
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
      const about = { name, parts, isInOurs };
      const place = parts.join("/");
      switch (entry.kind) {
        case "folder":
          folders.add(name);
          if (isInOurs && isOurs(entry, ourUid)) ours.add(name);
          entries.push({ ...entry, ...about, kind: "folder", size: 0 });
          break;
        case "file":
          entries.push({ ...entry, ...about, kind: "file" });
          break;
        case "link":
        case "folder link":
          if (staysInside(place, entry.target)) {
            entries.push({ ...entry, ...about, kind: "link", size: 0 });
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
          break; // it has gone since it was listed
      }
    }
  }
  return { entries, leftOut };
}

function contradicts(): CallError {
  return new CallError(
    "Cannot accept what the host says of the folder: it contradicts itself",
  );
}
