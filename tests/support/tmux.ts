// A terminal for tests: a program in tmux, on its own server, with keys as input
// and the screen as output. Waiting means polling the screen.
import { fromFileUrl } from "@std/path";
import { needProgram } from "./need.ts";

/** Whether this machine has tmux. */
export const tmuxNeed = needProgram("tmux");

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const PATIENCE_MS = 30_000;
const POLL_MS = 50;

/** How to start a screen. */
export interface ScreenOptions {
  /** The program and its arguments. */
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  columns?: number;
  rows?: number;
}

/** A program on a screen. */
export class Screen implements AsyncDisposable {
  readonly #server = `ftl-${crypto.randomUUID()}`;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** Starts a program; it is ended with the screen. */
  static async open(options: ScreenOptions): Promise<Screen> {
    const screen = new Screen(options.env);
    const env = Object.entries(options.env)
      .flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const words = options.command.map((word) =>
      `'${word.replaceAll("'", `'\\''`)}'`
    );
    await screen.#tmux(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      String(options.columns ?? 80),
      "-y",
      String(options.rows ?? 50),
      "-c",
      ROOT,
      ...env,
      // The screen stays, so that its last lines can be read.
      `${words.join(" ")}; echo "[ended $?]"; exec sleep 1000`,
    );
    // The server ends with this process, even when that is killed.
    const socket = screen.#server;
    await screen.#tmux(
      "run-shell",
      "-b",
      `tail --pid=${Deno.pid} -f /dev/null; tmux -L ${socket} kill-server`,
    );
    return screen;
  }

  /** Presses keys: text as it is, or names of keys (`Tab`, `C-c`). */
  async keys(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** Types text, then Enter. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
    await this.keys("Enter");
  }

  /** Pastes text, as terminals do that say where a paste begins and ends. */
  async paste(text: string): Promise<void> {
    await this.#tmux("set-buffer", text);
    await this.#tmux("paste-buffer", "-p");
  }

  /** Writes every byte that the program sends from now on to a file. */
  async tap(path: string): Promise<void> {
    await this.#tmux("pipe-pane", `cat > '${path}'`);
  }

  /** The screen's lines, without blanks at their ends. */
  async text(): Promise<string> {
    const text = await this.#tmux("capture-pane", "-p");
    return text.replace(/[ \t]+$/gm, "").trimEnd();
  }

  /** The same with its styles, as control sequences. */
  async styledText(): Promise<string> {
    return (await this.#tmux("capture-pane", "-p", "-e")).trimEnd();
  }

  /**
   * Waits until the screen contains or matches a text, and returns the screen.
   *
   * @throws {Error} with the screen, when it does not in time.
   */
  async see(pattern: string | RegExp): Promise<string> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const text = await this.text();
      const isThere = typeof pattern === "string"
        ? text.includes(pattern)
        : pattern.test(text);
      if (isThere) return text;
      if (performance.now() > end) {
        throw new Error(`${pattern} was not seen on this screen:\n${text}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Makes the program draw its screen again, with the last line only. */
  async clear(): Promise<void> {
    await this.keys("C-l");
  }

  /** Ends the program, and waits until it and its children are gone: shells write
   * their files of history at their end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const leader = (await this.#tmux("display", "-p", "#{pane_pid}")).trim();
    await this.#tmux("kill-server");
    const end = performance.now() + PATIENCE_MS;
    while (await isAlive(leader) && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #tmux(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command(tmuxNeed.path, {
      args: ["-L", this.#server, ...args],
      // Its PATH is that of the program, whatever -e says.
      env: this.#env,
    }).output();
    const decoder = new TextDecoder();
    if (code === 0) return decoder.decode(stdout);
    throw new Error(`tmux ${args.join(" ")}: ${decoder.decode(stderr)}`);
  }
}

/** Whether any process of a session is left. */
async function isAlive(leader: string): Promise<boolean> {
  const { success } = await new Deno.Command("pgrep", {
    args: ["-s", leader],
    stdout: "null",
  }).output();
  return success;
}
