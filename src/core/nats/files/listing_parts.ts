// Reads the parts of listings of files, which come from another process and may be
// hostile. All throw an FtlError that names the member.
import { FtlError } from "../../../errors.ts";
import { isObject } from "../../../protocol/body.ts";
import type { Json, JsonObject } from "../../../protocol/message.ts";
import { parseUntrustedJson } from "../../../protocol/untrusted_json.ts";
import { joinBytes } from "../../../join_bytes.ts";
import type { SourceEntry } from "../../push/push_source.ts";
import type { NatsFiles } from "../server/nats_files.ts";
import { readSentContent, takeContent } from "./sent_content.ts";
import { MOST_LISTING_BYTES } from "./sent_source.ts";

/** The most values in a listing: a file has seven. */
const MOST_VALUES = 5_000_000;

/**
 * Takes a listing.
 *
 * @param sent What a call or a result has, unchecked.
 * @throws {FtlError} when it is malformed, missing or changed.
 */
export async function takeListing(
  sent: Json | undefined,
  files: NatsFiles,
): Promise<JsonObject> {
  const checked = readSentContent(sent, { most: MOST_LISTING_BYTES });
  const parts = await Array.fromAsync(takeContent(checked, files));
  const text = new TextDecoder().decode(joinBytes(parts));
  return object(parseUntrustedJson(text, { maxValues: MOST_VALUES }));
}

const KINDS = ["file", "folder", "link"] as const;

/** Reads an entry of a listing; `folder` is the path of what it is below. */
export function readEntry(about: JsonObject, folder: string): SourceEntry {
  const { mode, mtime, target } = about;
  const kind = KINDS.find((each) => each === about.kind);
  if (kind === undefined) throw malformed("kind");
  const size = wholeAmount(about.size, "size");
  if (kind !== "file" && size > 0) throw malformed("size");
  const at = about.place === "" ? "" : place(about.place);
  return {
    ...{ kind, size, place: at },
    path: at === "" ? folder : `${folder}/${at}`,
    mode: wholeAmount(mode, "mode") & 0o7777,
    mtime: wholeAmount(mtime, "mtime", -1e12),
    target: text(target, "target"),
  };
}

/** A path that leads nowhere but below. */
export function place(value: Json | undefined): string {
  const path = text(value, "place");
  const isBelow = path.split("/")
    .every((part) => part !== "" && part !== "." && part !== "..");
  if (isBelow) return path;
  throw malformed("place");
}

/** The last part of a path. */
export function baseName(value: Json | undefined): string {
  const name = place(value);
  if (name.includes("/")) throw malformed("name");
  return name;
}

/** A text without NUL. */
export function text(value: Json | undefined, member: string): string {
  if (typeof value === "string" && !value.includes("\0")) return value;
  throw malformed(member);
}

/** A whole number, from `least` up. */
export function wholeAmount(
  value: Json | undefined,
  member: string,
  least = 0,
): number {
  const isWhole = Number.isSafeInteger(value) && (value as number) >= least;
  if (isWhole) return value as number;
  throw malformed(member);
}

/** A list. */
export function list(value: Json | undefined, member: string): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw malformed(member);
}

/** An object. */
export function object(value: Json): JsonObject {
  if (isObject(value)) return value;
  throw malformed("entries");
}

/** The error for a member of a listing. */
export function malformed(member: string): FtlError {
  return new FtlError(
    `Cannot read the files of the call: their ${member} is malformed`,
  );
}
