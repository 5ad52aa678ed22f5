// Reading known_hosts files and adding to them. They are the user's, and other
// programs write them too: nothing is ever rewritten, only one line appended.
import { appendLine } from "../../disk/append.ts";
import { messageOf } from "../../errors.ts";
import { exposureOf } from "../../ownership.ts";
import { dirname } from "@std/path";
import {
  type KnownHosts,
  type KnownHostsFile,
  parseKnownHosts,
} from "./known_hosts.ts";

/** Where OpenSSH looks: UserKnownHostsFile and GlobalKnownHostsFile in ssh_config(5). */
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
 * @throws {Error} that names the one that cannot be read.
 */
export async function readKnownHosts(
  paths: readonly string[],
): Promise<KnownHosts> {
  return parseKnownHosts(await readFiles(paths));
}

/** Files that are read and parsed once, whoever asks for them. */
export class KnownHostsFiles {
  readonly #read = new Map<string, Promise<KnownHostsFile[]>>();
  readonly #parsed = new Map<string, Promise<KnownHosts>>();

  /** As `readKnownHosts()`. */
  known(paths: readonly string[]): Promise<KnownHosts> {
    const key = paths.join("\0");
    let known = this.#parsed.get(key);
    if (known === undefined) {
      known = this.#files(paths).then(parseKnownHosts);
      this.#parsed.set(key, known);
    }
    return known;
  }

  /** The same; undefined where they trust no authority, or cannot be read. */
  async authorities(paths: readonly string[]): Promise<KnownHosts | undefined> {
    // Whoever needs them will say why they cannot.
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
 * Appends a line, whole or not at all, whoever else is writing; makes the file
 * and its folder when they are missing.
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
    // Reading a pipe could wait for ever; /dev/null is often named.
    if (!isFile && !isCharDevice) throw new Error("it is not a regular file");
    const exposure = exposureOf(path, "code", info);
    if (exposure?.isRefused) throw new Error(exposure.both);
    return await Deno.readTextFile(path);
  } catch (cause) {
    const { NotFound, PermissionDenied } = Deno.errors;
    if (cause instanceof NotFound) return "";
    const isClosed = cause instanceof PermissionDenied;
    const reason = isClosed ? "it may not be read" : messageOf(cause);
    throw new Error(`${path} cannot be read: ${reason}`, { cause });
  }
}
