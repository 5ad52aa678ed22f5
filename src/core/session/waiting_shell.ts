// A shell that waits on a host for the next script of a client, which then takes one
// round trip instead of three. It has read the login files of its user when it was
// started, so it is given up when something ran that may have changed them, and after
// a minute. It never costs a host a further login.
import { Deadline } from "../../async/deadline.ts";
import { type StartTimer, startTimer } from "../../async/timer.ts";
import { type StartedShell, startShell } from "../shell/start_shell.ts";
import type { Connection } from "../../transport/transport.ts";

/** How long a shell waits at most. */
const OLDEST_MS = 60_000;

/** How long no call ends before a shell is started again. */
const QUIET_MS = 300;

/** The shell of one host. */
export class WaitingShell {
  readonly #connection: () => Connection | undefined;
  readonly #startTimer: StartTimer;
  #isOver = false;
  #shell: Promise<StartedShell | undefined> | undefined;
  #stop = new AbortController();
  #stopTimer = () => {};

  /** @param connection the host's, once it is open; undefined where none may wait */
  constructor(
    connection: () => Connection | undefined,
    timer: StartTimer = startTimer,
  ) {
    this.#connection = connection;
    this.#startTimer = timer;
  }

  /** Starts one in place of what waits: a script has ended. */
  renew(): void {
    const connection = this.#mayWait();
    if (connection === undefined) return;
    const stop = this.#stop;
    const options = { signal: stop.signal, isExtra: true };
    const shell = startShell(connection, options).then((started) => {
      if (!stop.signal.aborted) return started;
      started.stream.close();
      return undefined;
    }, () => {
      // The host starts none beside what runs, or is lost: it is not asked again.
      if (!stop.signal.aborted) this.close();
      return undefined;
    });
    this.#shell = shell;
    this.#stopTimer = this.#startTimer(() => this.drop(), OLDEST_MS);
    void shell.then((started) =>
      started?.stream.exit.then(() => {
        if (this.#shell === shell) this.drop();
      })
    );
  }

  /** Starts one soon, unless more calls end: a call has ended. */
  renewSoon(): void {
    if (this.#mayWait() === undefined) return;
    this.#stopTimer = this.#startTimer(() => this.renew(), QUIET_MS);
  }

  /** Gives it up. */
  drop(): void {
    this.#stopTimer();
    const shell = this.#shell;
    if (shell === undefined) return;
    this.#shell = undefined;
    this.#stop.abort(new DOMException("It is not needed", "AbortError"));
    this.#stop = new AbortController();
    void shell.then((started) => started?.stream.close());
  }

  /** Gives it up for good. */
  close(): void {
    this.#isOver = true;
    this.drop();
  }

  /** Takes the shell that waits; undefined without one. */
  async take(signal: AbortSignal): Promise<StartedShell | undefined> {
    const shell = this.#shell;
    if (shell === undefined) return undefined;
    this.#shell = undefined;
    this.#stopTimer();
    this.#stop = new AbortController(); // it is not given up any more
    const deadline = new Deadline(signal);
    try {
      return await deadline.race(shell);
    } catch (error) {
      void shell.then((started) => started?.stream.close());
      throw error;
    } finally {
      deadline.clear();
    }
  }

  /** The connection for another one; what waited is given up. */
  #mayWait(): Connection | undefined {
    this.drop();
    return this.#isOver ? undefined : this.#connection();
  }
}
