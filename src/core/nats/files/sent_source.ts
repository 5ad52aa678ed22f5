// The files of its own machine that a sender sends along with a call: a listing, and
// the content of all of them as one.
import { SourceError } from "../../../errors.ts";
import type { JsonObject } from "../../../protocol/message.ts";
import type { PushSource, SourceEntry } from "../../push/push_source.ts";
import type { LocalFile, LocalSource } from "../../work/local_source.ts";
import { encodeNats } from "../server/encode_nats.ts";
import type { ContentStore, SentContent } from "./sent_content.ts";

/** The most bytes of a listing: the names of some 500 000 files. */
export const MOST_LISTING_BYTES = 64 * 1024 ** 2;

/** Puts the source of a push into the store; resolves to its listing. */
export async function sendPushSource(
  source: PushSource,
  store: ContentStore,
): Promise<SentContent> {
  const { name, top, entries } = source;
  async function* content() {
    for (const entry of [top, ...entries]) {
      if (entry.kind === "file") yield* source.read(entry);
    }
  }
  return await sendListing(store, {
    push: { name, path: top.path, entries: [top, ...entries].map(listed) },
    content: await store.put(content()),
  });
}

function listed(
  { kind, place, size, mode, mtime, target }: SourceEntry,
): JsonObject {
  return { kind, place, size, mode, mtime, target };
}

/** Puts what a call reads for a host into the store; resolves to its listing. */
export async function sendLocalSource(
  source: LocalSource,
  store: ContentStore,
): Promise<SentContent> {
  const files = "file" in source
    ? [source.file]
    : source.tree.files.map(([file]) => file);
  async function* content() {
    for (const file of files) yield* exactly(file);
  }
  const about = (
    { name, path, size, mode }: LocalFile,
  ): JsonObject => ({ name, path, size, mode: mode ?? null });
  const listing: JsonObject = "file" in source
    ? { file: about(source.file) }
    : {
      tree: {
        path: source.tree.path,
        files: source.tree.files.map(([file, place]) => ({
          ...about(file),
          place,
        })),
        folders: [...source.tree.folders],
        links: source.tree.links.map((link) => [...link]),
      },
    };
  return await sendListing(store, {
    ...listing,
    content: await store.put(content()),
  });
}

/** Sends why a call cannot read its files, which is the result of its hosts. */
export async function sendFault(
  msg: string,
  store: ContentStore,
): Promise<SentContent> {
  return await sendListing(store, { fault: msg });
}

/** Puts a listing into the store. */
export async function sendListing(
  store: ContentStore,
  listing: object,
): Promise<SentContent> {
  const bytes = encodeNats(listing);
  if (bytes.length > MOST_LISTING_BYTES) {
    throw new SourceError(
      `Cannot send the files over NATS: their names have more than ${MOST_LISTING_BYTES} bytes`,
      { hint: "Pack them into an archive first" },
    );
  }
  return await store.put(ReadableStream.from([bytes]));
}

/** The content of a file, which must not have changed since it was looked at. */
async function* exactly(file: LocalFile): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  for await (const chunk of await file.open()) {
    size += chunk.length;
    yield chunk;
  }
  if (size !== file.size) {
    throw new SourceError(
      `Cannot send ${file.path}: it changed while it was read`,
    );
  }
}
