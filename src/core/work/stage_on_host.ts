// A temporary file on a host, for as long as a part of a call needs it: in ftl's
// folder, or in memory where nothing of ours may be on a disk.
import { untilAbort } from "../../async/abort.ts";
import { within } from "../../async/deadline.ts";
import type { Connection } from "../../transport/transport.ts";
import type { HostAccount } from "../fleet/host_link.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import { checkPython } from "../route/host_python.ts";
import { holdFile } from "../shell/hold_file.ts";
import { removeFile, stageFile } from "../shell/transfer.ts";

/** How long removing a file may take. */
const REMOVE_MS = 5_000;
/** How long removing a file may take after a cancel. */
const REMOVE_CANCELLED_MS = 300;

/** What the file holds. */
export interface StagedContent {
  readonly size: number;
  open(): Promise<ReadableStream<Uint8Array>>;
}

/** How a file is put on a host. */
export interface StagingOptions<T> {
  mode: number;
  /** Its name on the host; default: any. In memory it has none. */
  name?: string;
  /** Whether the work has moved the file. */
  isUsedUp?: (done: T) => boolean;
}

/** The host, and the part of the call. */
interface Stage {
  readonly account: HostAccount;
  readonly route: HostRoute;
  /** Cancels the call. */
  readonly signal: AbortSignal;
  /** Runs a part that may take as long as the whole call. */
  timed<R>(part: (signal: AbortSignal) => Promise<R>): Promise<R>;
}

/** Puts a file on a host while `work` runs. */
export async function stageOnHost<T>(
  file: StagedContent,
  options: StagingOptions<T> & Stage,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const { account, signal, mode, name, isUsedUp = () => false } = options;
  const connection = await account.connection(signal);
  if (account.inMemory) {
    return await holdOnHost(connection, file, options, work);
  }
  const hello = (await account.gateIfOpen?.opened)?.hello;
  const path = await withContent(
    file,
    (content) =>
      options.timed((signal) =>
        stageFile(connection, {
          content,
          size: file.size,
          gate: hello?.folder
            ? { folder: hello.folder, pid: hello.pid }
            : undefined,
          mode,
          name,
          signal,
        })
      ),
  );
  let done: T | undefined;
  try {
    return done = await work(path);
  } finally {
    if (done === undefined || !isUsedUp(done)) {
      const hasFolder = name !== undefined;
      await remove(path, { connection, hasFolder, signal });
    }
  }
}

async function holdOnHost<T>(
  connection: Connection,
  file: StagedContent,
  { route, mode, timed }: Pick<
    StagingOptions<T> & Stage,
    "mode" | "route" | "timed"
  >,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const python = checkPython(route);
  const { size } = file;
  const held = await withContent(
    file,
    (content) =>
      timed((signal) =>
        holdFile(connection, { content, size, mode, python, signal })
      ),
  );
  try {
    return await work(held.path);
  } finally {
    held.release();
  }
}

/** Opens the content of a file; a failure closes it, also where nothing was read. */
async function withContent<T>(
  file: StagedContent,
  send: (content: ReadableStream<Uint8Array>) => Promise<T>,
): Promise<T> {
  const content = await file.open();
  try {
    return await send(content);
  } catch (error) {
    await content.cancel().catch(() => {}); // its reader has closed it
    throw error;
  }
}

async function remove(
  path: string,
  { connection, hasFolder, signal }: {
    connection: Connection;
    hasFolder: boolean;
    signal: AbortSignal;
  },
): Promise<void> {
  // The next cleanup of the gate's folder removes a file that stays.
  const removed = removeFile(connection, {
    path,
    hasFolder,
    signal: AbortSignal.timeout(REMOVE_MS),
  }).catch(() => {});
  const ms = REMOVE_CANCELLED_MS;
  await untilAbort(removed, signal)
    .catch(() => within(removed, { ms, instead: undefined }));
}
