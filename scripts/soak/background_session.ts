// A session that `ftl open` leaves in the background, and commands that use it.
import type { SessionStatus } from "../../src/core/session/session_messages.ts";
import { V8_FLAGS } from "../compile/bundle.ts";
import { ftl } from "../bench/bench.ts";

/** A session with all hosts of a fleet open. Must be disposed of. */
export class BackgroundSession implements AsyncDisposable {
  readonly #flags: readonly string[];
  /** The environment of its commands. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(flags: readonly string[], home: string) {
    this.#flags = flags;
    // A checkout starts it without V8's options, a binary with them.
    this.env = { FTL_HOME: home, DENO_V8_FLAGS: V8_FLAGS.join(",") };
  }

  /**
   * Opens hosts in a new session.
   *
   * @param flags options that choose the hosts.
   * @throws {Error} when a host cannot be opened.
   */
  static async open(
    flags: readonly string[],
    home: string,
  ): Promise<BackgroundSession> {
    const session = new BackgroundSession(flags, home);
    await session.#run("open", ...flags);
    return session;
  }

  /** Makes a call on all hosts by a command of its own, which comes and goes. */
  async call(): Promise<void> {
    await this.#run("run", "greet", ...this.#flags, "name=command");
  }

  /** What `ftl sessions` says about it. */
  async status(): Promise<SessionStatus> {
    const [status] = JSON.parse(
      await this.#run("sessions", "--format", "json"),
    ) as SessionStatus[];
    if (status === undefined) throw new Error("The session has ended");
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run("close");
  }

  async #run(...args: string[]): Promise<string> {
    const [program, ...words] = ftl(...args);
    const { success, stdout, stderr } = await new Deno.Command(program!, {
      args: words,
      env: this.env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    if (!success) {
      throw new Error(`ftl ${args[0]} failed: ${decoder.decode(stderr)}`);
    }
    return decoder.decode(stdout);
  }
}
