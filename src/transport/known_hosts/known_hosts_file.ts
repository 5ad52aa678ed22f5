// Reads known_hosts files and adds lines to them. They belong to the user, and
// other programs write them too: ftl only appends single lines.
import { appendLine } from "../../disk/append.ts";
import { messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";
import { dirname } from "@std/path";
import {
  type KnownHosts,
  type KnownHostsFile,
  parseKnownHosts,
} from "./known_hosts.ts";

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
  return parseKnownHosts(await readFiles(paths));
}

/** Files that are read and parsed once for all callers. */
export class KnownHostsFiles {
  readonly #read = new Map<string, Promise<KnownHostsFile[]>>();
  readonly #parsed = new Map<string, Promise<KnownHosts>>();

  /** Like `readKnownHosts()`. */
  known(paths: readonly string[]): Promise<KnownHosts> {
    const key = paths.join("\0");
    let known = this.#parsed.get(key);
    if (known === undefined) {
      known = this.#files(paths).then(parseKnownHosts);
      this.#parsed.set(key, known);
    }
    return known;
  }

  /** The same; undefined when the files trust no authority or are unreadable. */
  async authorities(paths: readonly string[]): Promise<KnownHosts | undefined> {
    // `known()` reports unreadable files when a connection needs them.
    const files = await this.#files(paths).catch(() => []);
    return files.some(({ text }) => text.includes("@cert-authority"))
      ? await this.known(paths)
      : undefined;
  }

  #files(paths: readonly string[]): Promise<KnownHostsFile[]> {
    const key = paths.join("\0");
    let files = this.#read.get(key);
    if (files === undefined) this.#read.set(key, files = readFiles(paths));
    return files;
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
