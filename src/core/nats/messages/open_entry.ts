// Opens an entry of a log for a reader of the run, and says who vouches for it.
import type { OpenedMessage } from "../trust/sealed_bodies.ts";
import {
  bodyOfEntry,
  type LogEntry,
  readLogEntry,
  withLines,
} from "./log_entry.ts";

/** An entry, and who wrote it. */
export interface OwnedEntry extends LogEntry {
  /** The worker that wrote it (`ownerOf`). */
  readonly owner: string;
}

/**
 * Opens an entry. When the lines of its results are missing, they are empty.
 *
 * @param open Opens a message of the run.
 * @throws {FtlError} when it is malformed, or not from a worker of the run.
 */
export async function openEntry(
  data: Uint8Array,
  open: (message: Uint8Array) => Promise<OpenedMessage>,
): Promise<OwnedEntry> {
  const { body, from } = await open(bodyOfEntry(data));
  const entry = { ...readLogEntry(body), owner: "" };
  const owner = ownerOf(entry.id, from);
  if (entry.apart === undefined) return { ...entry, owner };
  const lines = await open(entry.apart).catch(() => undefined);
  return { ...lines ? withLines(entry, lines.body) : entry, owner };
}

/**
 * Tells who wrote an entry: a process, and the key that vouches for it. One worker
 * cannot pass for another whose key it does not have.
 */
export function ownerOf(id: string, key: string | undefined): string {
  return key === undefined ? id : `${id} ${key}`;
}
