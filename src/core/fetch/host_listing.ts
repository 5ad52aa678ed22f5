// A host's word of what is in a folder, and what of it is taken: names that stay
// in the folder, below folders that were listed before, and links that do not
// lead out. A name that leads out is a lie, and ends the fetch.
import { CallError } from "../../errors.ts";
import { AnswerReader, type HostEntry } from "../remote/host_survey.ts";
import { partsOf, staysInside } from "./local_place.ts";

/** Something in a folder of a host. */
export interface RemoteEntry extends HostEntry {
  readonly kind: "file" | "folder" | "link";
  /** As the host says it: `./a/b`. */
  readonly name: string;
  readonly parts: readonly string[];
}

/** Reads what `LISTING` prints; folders come before what they hold. */
export function readHostListing(
  bytes: Uint8Array,
): { entries: RemoteEntry[]; leftOut: string[] } {
  const reader = new AnswerReader(bytes);
  const entries: RemoteEntry[] = [];
  const leftOut: string[] = [];
  const folders = new Set<string>();
  const seen = new Set<string>();
  while (!reader.isAtEnd) {
    const names: (string | undefined)[] = [];
    for (;;) {
      const name = reader.word();
      if (name === "") break;
      names.push(name);
    }
    const found = reader.survey();
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
        continue;
      }
      const parent = name.slice(0, name.lastIndexOf("/"));
      if (!folders.has(parent)) throw contradicts();
      const place = parts.join("/");
      switch (entry.kind) {
        case "folder":
          folders.add(name);
          entries.push({ ...entry, kind: "folder", size: 0, name, parts });
          break;
        case "file":
          entries.push({ ...entry, kind: "file", name, parts });
          break;
        case "link":
        case "folder link":
          if (staysInside(place, entry.target)) {
            entries.push({ ...entry, kind: "link", size: 0, name, parts });
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
