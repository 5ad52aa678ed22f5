// Reads known_hosts files and adds lines to them. They belong to the user, and
// other programs write them too: ftl only appends single lines.
import { appendLine } from "../../disk/append.ts";
import { messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";
import { dirname } from "@std/path";
import type { KnownHosts, KnownHostsFile } from "./known_hosts.ts";

/** OpenSSH's defaults: UserKnownHostsFile, GlobalKnownHostsFile in ssh_config(5). */
export function knownHostsFiles(home: string): string[] {
  return [
    `${home}/.ssh/known_hosts`,
    `${home}/.ssh/known_hosts2`,
    "/etc/ssh/ssh_known_hosts",
    "/etc/ssh/ssh_known_hosts2",
  ];
}

/**
 * Reads the files that exist; the others count as empty.
 *
 * @throws {Error} that names the file that cannot be read.
 */
export async function readKnownHosts(
  paths: readonly string[],
): Promise<KnownHosts> {
  const { parseKnownHosts } = await import("./known_hosts.ts");
  return parseKnownHosts(await readFiles(paths));
}

/** Many hosts may be opened at once: files are not looked at for each. */
const CURRENT_MS = 1_000;

/** What some files held when they were last read. */
interface Reading {
  readonly files: readonly KnownHostsFile[];
  readonly stamps: string;
  checkedAt: number;
}

/** Files that are read for all callers at once, and again after they have changed. */
export class KnownHostsFiles {
  readonly #readings = new Map<string, Promise<Reading>>();
  /** The last ones, which most callers need not wait for. */
  readonly #current = new Map<string, Reading>();
  readonly #parsed = new Map<string, { files: unknown; known: KnownHosts }>();
  readonly #currentMs: number;

  /** @param currentMs For how long files count as unchanged. Default: 1000. */
  constructor(currentMs = CURRENT_MS) {
    this.#currentMs = currentMs;
  }

  /**
   * Like `readKnownHosts()`. Callers share one object, which gets the new lines
   * when the files have changed.
   */
  async known(paths: readonly string[]): Promise<KnownHosts> {
    const { files } = await this.#read(paths);
    const key = paths.join("\0");
    let parsed = this.#parsed.get(key);
    if (parsed?.files === files) return parsed.known;
    const { KnownHosts } = await import("./known_hosts.ts");
    parsed = this.#parsed.get(key); // another caller may have been faster
    if (parsed?.files === files) return parsed.known;
    const known = parsed?.known ?? new KnownHosts();
    known.replace(files);
    this.#parsed.set(key, { files, known });
    return known;
  }

  /** The same; undefined when the files trust no authority or are unreadable. */
  async authorities(paths: readonly string[]): Promise<KnownHosts | undefined> {
    // `known()` reports unreadable files when a connection needs them.
    const { files } = await this.#read(paths).catch(() => ({ files: [] }));
    return files.some(({ text }) => text.includes("@cert-authority"))
      ? await this.known(paths)
      : undefined;
  }

  #read(paths: readonly string[]): Promise<Reading> {
    const key = paths.join("\0");
    const known = this.#current.get(key);
    if (known && performance.now() - known.checkedAt < this.#currentMs) {
      return Promise.resolve(known);
    }
    const next = (this.#readings.get(key) ?? Promise.resolve(undefined))
      .catch(() => undefined)
      .then((last) => readAgain(paths, last, this.#currentMs));
    this.#readings.set(key, next);
    return next.then((reading) => {
      this.#current.set(key, reading);
      return reading;
    });
  }
}

/** Reads the files unless they are as they were. */
async function readAgain(
  paths: readonly string[],
  last: Reading | undefined,
  currentMs: number,
): Promise<Reading> {
  const checkedAt = performance.now();
  if (last && checkedAt - last.checkedAt < currentMs) return last;
  const stamps = (await Promise.all(paths.map(stampOf))).join("\n");
  if (last?.stamps === stamps) {
    last.checkedAt = checkedAt;
    return last;
  }
  return { files: await readFiles(paths), stamps, checkedAt };
}

/** Differs after a change of the file; one that cannot be read has no stamp. */
async function stampOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtime, ctime } = await Deno.stat(path);
    return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
  } catch {
    return "";
  }
}

function readFiles(paths: readonly string[]): Promise<KnownHostsFile[]> {
  return Promise.all(paths.map(async (path) => ({
    path,
    text: await readIfThere(path),
  })));
}

/**
 * Appends a line atomically, even while other programs write; makes the file and
 * its folder when they are missing.
 */
export async function appendKnownHost(
  path: string,
  line: string,
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  appendLine(path, line);
}

async function readIfThere(path: string): Promise<string> {
  try {
    const info = await Deno.stat(path);
    const { isFile, isDirectory, isCharDevice } = info;
    if (isDirectory) throw new Error("it is a folder");
    // Reading a pipe could block forever; /dev/null is often named.
    if (!isFile && !isCharDevice) throw new Error("it is not a regular file");
    const exposure = exposureOf(path, "code", info);
    if (exposure?.isRefused) throw new Error(exposure.both);
    return await Deno.readTextFile(path);
  } catch (cause) {
    const { NotFound, PermissionDenied } = Deno.errors;
    if (cause instanceof NotFound) return "";
    const isClosed = cause instanceof PermissionDenied;
    const reason = isClosed ? "permission denied" : messageOf(cause);
    throw new Error(`${path} cannot be read: ${reason}`, { cause });
  }
}
