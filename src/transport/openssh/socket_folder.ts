// The folder for the sockets of a run, which no other user can enter. Its path is
// short: the path of a socket has at most 108 bytes, and ssh appends 17 while it
// makes one. The folder exists as long as a connection uses it.
import { join } from "@std/path";

/** The longest path of a socket here. */
const MAX_PATH = 85;

/** A folder that is made at the first use, and removed after the last. */
export class SocketFolder {
  #path: string | undefined;
  #users = 0;
  #next = 0;
  readonly #files = new Map<string, string>();

  /** Starts a use; call the result to end it. */
  use(): () => void {
    this.#users++;
    return () => {
      if (--this.#users > 0 || this.#path === undefined) return;
      try {
        Deno.removeSync(this.#path, { recursive: true });
      } catch {
        // Another program removed it, or ftl may no longer write there.
      }
      this.#path = undefined;
    };
  }

  /**
   * Its path; the folder is made again when another program removed it.
   *
   * @throws {Error} when the folder cannot be made.
   */
  path(): string {
    if (this.#path === undefined || !isFolder(this.#path)) {
      this.#files.clear();
      this.#path = makeFolder();
    }
    return this.#path;
  }

  /** The path of a new socket. */
  newSocket(): string {
    return join(this.path(), String(this.#next++));
  }

  /** The path of a file with this text; the same path for the same text. */
  write(text: string): string {
    const folder = this.path();
    let path = this.#files.get(text);
    if (path === undefined) {
      path = join(folder, `c${this.#files.size}`);
      Deno.writeTextFileSync(path, text, { mode: 0o600, createNew: true });
      this.#files.set(text, path);
    }
    return path;
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function makeFolder(): string {
  const places = [Deno.env.get("XDG_RUNTIME_DIR"), Deno.env.get("TMPDIR")];
  for (const dir of places) {
    if (dir === undefined || dir.length + 30 > MAX_PATH) continue;
    // ssh reads a percent sign as a token, and may not support quotes here.
    if (!/^\/[\w./+-]*$/.test(dir)) continue;
    try {
      return Deno.makeTempDirSync({ dir, prefix: "ftl-" });
    } catch {
      continue; // it was removed with its session, or is full
    }
  }
  return Deno.makeTempDirSync({ dir: "/tmp", prefix: "ftl-" });
}
