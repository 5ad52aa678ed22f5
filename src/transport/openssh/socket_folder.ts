// The folder of a run's sockets, which nobody else can enter. Its path is short:
// a socket's name has room for 108 bytes, and ssh appends 17 of its own while it
// makes one. It is there as long as somebody uses it.
import { join } from "@std/path";

/** The longest path that a socket of ours may have. */
const MAX_PATH = 85;

/** A folder that is made at the first use, and removed after the last. */
export class SocketFolder {
  #path: string | undefined;
  #users = 0;
  #next = 0;
  readonly #files = new Map<string, string>();

  /** Begins a use; what it returns ends it. */
  use(): () => void {
    this.#users++;
    return () => {
      if (--this.#users > 0 || this.#path === undefined) return;
      try {
        Deno.removeSync(this.#path, { recursive: true });
      } catch {
        // Somebody who tidies up was faster, or it is no longer ours to touch.
      }
      this.#path = undefined;
    };
  }

  /**
   * Its path; it is made anew when somebody has removed it.
   *
   * @throws {Error} when there is no place for it.
   */
  path(): string {
    if (this.#path === undefined || !isFolder(this.#path)) {
      this.#files.clear();
      this.#path = makeFolder();
    }
    return this.#path;
  }

  /** The path of a socket that there is not yet. */
  newSocket(): string {
    return join(this.path(), String(this.#next++));
  }

  /** The path of a file with a text; the same for the same text. */
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
    // ssh would take a percent sign for a token, and may not know quotes here.
    if (!/^\/[\w./+-]*$/.test(dir)) continue;
    try {
      return Deno.makeTempDirSync({ dir, prefix: "ftl-" });
    } catch {
      continue; // it is gone with the session that it was for, or full
    }
  }
  return Deno.makeTempDirSync({ dir: "/tmp", prefix: "ftl-" });
}
