// What a worker fetches from one host. Names of the host are only listed: nothing is
// written under them on the worker's machine.
import type { JsonObject } from "../../../protocol/message.ts";
import type { Earlier, FetchTarget } from "../../fetch/fetch_target.ts";
import { refuseToReplace } from "../../fetch/local_place.ts";
import { NamelessFile } from "./nameless_file.ts";
import type { ContentStore, SentContent } from "./sent_content.ts";
import { sendListing } from "./sent_source.ts";

interface Entry {
  readonly kind: "file" | "folder" | "link";
  readonly size: number;
  /** Where its content is. */
  readonly at: number;
  readonly target: string;
  mode: number;
  mtime: number | undefined;
}

/** The files of one host. */
export class FetchedFiles implements FetchTarget {
  readonly #entries = new Map<string, Entry>();
  #content: NamelessFile | undefined;

  lookAt(path: string): Promise<Earlier | undefined> {
    const found = this.#entries.get(path);
    return Promise.resolve(
      found && {
        isFile: found.kind === "file",
        isDirectory: found.kind === "folder",
        isSymlink: found.kind === "link",
        size: found.size,
        mode: found.mode,
        mtime: found.mtime === undefined ? null : new Date(found.mtime * 1000),
      },
    );
  }

  readLink(path: string): Promise<string> {
    return Promise.resolve(this.#entries.get(path)?.target ?? "");
  }

  sumOf(): Promise<string> {
    return Promise.resolve(""); // a file that arrives twice is taken twice
  }

  read(path: string): AsyncIterable<Uint8Array> {
    const { at, size } = this.#entries.get(path)!;
    return this.#content!.read(at, size);
  }

  makeFolder(path: string): Promise<void> {
    if (!this.#entries.has(path)) {
      this.#entries.set(path, { ...PLAIN, kind: "folder", mode: 0o755 });
    }
    return Promise.resolve();
  }

  writeWhole: FetchTarget["writeWhole"] = async (path, content, about) => {
    refuseToReplace(path, await this.lookAt(path));
    this.#content ??= await NamelessFile.open();
    const file = this.#content;
    // One file at a time arrives from a host.
    const at = file.size;
    for await (const chunk of content) file.append(chunk);
    const { mode, mtime } = about;
    const size = file.size - at;
    this.#entries.set(path, { ...PLAIN, kind: "file", at, size, mode, mtime });
  };

  async writeLink(path: string, target: string): Promise<void> {
    refuseToReplace(path, await this.lookAt(path));
    this.#entries.set(path, { ...PLAIN, kind: "link", target });
  }

  setAttributes: FetchTarget["setAttributes"] = (path, { mode, mtime }) => {
    const entry = this.#entries.get(path);
    if (entry !== undefined) Object.assign(entry, { mode, mtime });
    return Promise.resolve();
  };

  /** Sends all files to the sender of the call; undefined when there are none. */
  async send(store: ContentStore): Promise<SentContent | undefined> {
    if (this.#entries.size === 0) return undefined;
    const entries = [...this.#entries];
    const content = this.#content;
    async function* chunks() {
      for (const [, { at, size }] of entries) {
        if (size > 0) yield* content!.read(at, size);
      }
    }
    const listed = entries.map(([path, entry]): JsonObject => ({
      // Without the folder of the host, which the sender names.
      place: path.split("/").slice(2).join("/"),
      kind: entry.kind,
      size: entry.size,
      mode: entry.mode,
      mtime: entry.mtime ?? 0,
      target: entry.target,
    }));
    return await sendListing(store, {
      fetched: listed,
      content: await store.put(chunks()),
    });
  }

  /** Lets go of the files. */
  close(): void {
    this.#content?.close();
    this.#content = undefined;
    this.#entries.clear();
  }
}

const PLAIN = {
  ...{ at: 0, size: 0, mode: 0, target: "" },
  mtime: undefined,
} as const;
