// What a call reads of the machine that it was started on. Where another machine makes
// the call, it has received the same.

/** Content that can be read more than once. */
export interface LocalFile {
  /** The last part of its path; `content` for a string in the arguments. */
  readonly name: string;
  /** Its path, as Ansible shows it. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Permission bits; undefined for a string. */
  readonly mode: number | undefined;
  open(): Promise<ReadableStream<Uint8Array>>;
}

/** The content of a folder; `place` is a path below the destination. */
export interface LocalTree {
  /** The path of the folder; with a slash at its end, only its content is copied. */
  readonly path: string;
  /** Each file and its place. */
  readonly files: readonly (readonly [file: LocalFile, place: string])[];
  readonly folders: readonly string[];
  /** The target of a link, and its place. */
  readonly links: readonly (readonly [target: string, place: string])[];
}

/** A file or a folder. */
export type LocalSource =
  | { readonly file: LocalFile }
  | { readonly tree: LocalTree };

/** The file of a source that is one. */
export function fileOf(source: LocalSource | undefined): LocalFile {
  if (source !== undefined && "file" in source) return source.file;
  throw new TypeError("Cannot use a folder in place of a file");
}
