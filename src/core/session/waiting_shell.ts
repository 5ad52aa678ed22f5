// A shell that waits on a host for the next script of a client, which then takes one
// round trip instead of three. It has read the login files of its user when it was
// started, so it is given up when something ran that may have changed them, and after
// a minute. It never costs a host a further login. A script is given only to a host
// that has just answered: one that was sent into a connection that had died counts as
// begun, and is not sent again.
import { untilAbort } from "../../async/abort.ts";
import { type StartTimer, startTimer } from "../../async/timer.ts";
import { type StartedShell, startShell } from "../shell/start_shell.ts";
import type { Connection } from "../../transport/transport.ts";

/** How long a shell waits at most. */
const OLDEST_MS = 60_000;

/** After this long a host must answer once more before its shell is given away. */
const FRESH_MS = 1_000;

/** How long no call ends before a shell is started again. */
const QUIET_MS = 300;

/** A shell that waits, or starts. */
interface Waiting {
  readonly connection: Connection;
  readonly started: Promise<StartedShell | undefined>;
  isFresh: boolean;
  hasEnded: boolean;
}

/** The shell of one host. */
export class WaitingShell {
  readonly #connection: () => Connection | undefined;
  readonly #startTimer: StartTimer;
  #isOver = false;
  #hasWorked = false;
  #waiting: Waiting | undefined;
  #stop = new AbortController();
  #stopTimer = () => {};

  /**
   * @param connection the host's, once it is open; undefined where none may wait. None
   *   waits either on a connection that cannot ask its host for an answer.
   */
  constructor(
    connection: () => Connection | undefined,
    timer: StartTimer = startTimer,
  ) {
    this.#connection = connection;
    this.#startTimer = timer;
  }

  /**
   * The account runs what it is sent. Until then none waits: a forced command must not
   * run unasked.
   */
  worked(): void {
    this.#hasWorked = true;
  }

  /** Starts one in place of what waits: a script has ended. */
  renew(): void {
    const connection = this.#mayWait();
    if (connection === undefined) return;
    const stop = this.#stop;
    const yields = () => {
      if (this.#waiting === waiting) this.drop();
      return stop.signal.aborted;
    };
    const options = { signal: stop.signal, yields };
    const started = startShell(connection, options).then((started) => {
      if (!stop.signal.aborted) return started;
      started.stream.close();
      return undefined;
    }, () => {
      // The host starts none beside what runs, or is lost: it is not asked again.
      if (!stop.signal.aborted) this.close();
      return undefined;
    });
    const state = { isFresh: true, hasEnded: false };
    const waiting: Waiting = { connection, started, ...state };
    this.#waiting = waiting;
    this.#stopTimer = this.#startTimer(() => {
      waiting.isFresh = false;
      this.#stopTimer = this.#startTimer(
        () => this.drop(),
        OLDEST_MS - FRESH_MS,
      );
    }, FRESH_MS);
    void started.then((started) =>
      started?.stream.exit.then(() => {
        waiting.hasEnded = true;
        if (this.#waiting === waiting) this.drop();
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
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#stop.abort(new DOMException("It is not needed", "AbortError"));
    this.#stop = new AbortController();
    void waiting.started.then((started) => started?.stream.close());
  }

  /** Gives it up for good. */
  close(): void {
    this.#isOver = true;
    this.drop();
  }

  /**
   * Takes the shell that waits; undefined without one.
   *
   * @throws {ConnectError} phase `start`, when the host does not answer.
   */
  async take(signal: AbortSignal): Promise<StartedShell | undefined> {
    const waiting = this.#waiting;
    if (waiting === undefined) return undefined;
    this.#waiting = undefined;
    this.#stopTimer();
    this.#stop = new AbortController(); // it is not given up any more
    try {
      const started = await untilAbort(waiting.started, signal);
      if (!waiting.isFresh) {
        await untilAbort(waiting.connection.awaitAnswer!(signal), signal);
      }
      return waiting.hasEnded ? undefined : started;
    } catch (error) {
      void waiting.started.then((started) => started?.stream.close());
      throw error;
    }
  }

  /** The connection for another one; what waited is given up. */
  #mayWait(): Connection | undefined {
    this.drop();
    const mayStart = this.#hasWorked && !this.#isOver;
    const connection = mayStart ? this.#connection() : undefined;
    return connection?.awaitAnswer && connection;
  }
}
