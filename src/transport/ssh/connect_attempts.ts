// Getting in on a host, whatever carries it: how many hosts are at it at once,
// how long one may take, and when it is tried again.
import { Deadline } from "../../async/deadline.ts";
import type { Phase } from "../../errors.ts";
import { Semaphore } from "../../async/semaphore.ts";
import { type Endpoint, SSH_DEFAULTS, START_MS } from "../transport.ts";
import { cannotConnect, mayPass, timedOut } from "./ssh_errors.ts";
import { RetryBudgets } from "./retry_budget.ts";

/** The bounds of a run. */
export interface AttemptLimits {
  /** From name to authenticated, in milliseconds. Default: 10 000. */
  connectTimeoutMs?: number;
  /**
   * How long a command may take to start, in milliseconds. Default: as long as
   * the host has to connect, and 10 000 at least.
   */
  startMs?: number | undefined;
  /** Handshakes in flight with one address and port. Default: 8. */
  handshakesPerEndpoint?: number;
  /** Handshakes in flight in all. Default: 50. */
  handshakes?: number;
  /**
   * How long to wait, in milliseconds, before a server that dropped us before
   * the handshake is tried again; longer each time. Default: 150.
   */
  retryPauseMs?: number;
}

/** One attempt. */
export interface ConnectAttempt {
  readonly deadline: Deadline;
  /** Told as each phase begins. */
  readonly onPhase: (phase: Phase) => void;
  /** Told what the host says instead of speaking SSH; empty when it does. */
  readonly onGreeting: (line: string) => void;
}

/** How to open a host. */
export interface AttemptOptions {
  /** The server whose handshakes are counted, whoever logs in there. */
  readonly server: string;
  /** What all go through who may be in each other's way. */
  readonly door: string;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: Phase) => void;
  /** Whether an attempt that ended so is to go on with another at once. */
  readonly goesOn?: (error: unknown) => boolean;
}

/** The attempts of a run. */
export class Attempts {
  readonly #places: Semaphore;
  readonly #doors: RetryBudgets;
  readonly #timeoutMs: number;
  readonly #startMs: number | undefined;

  constructor(limits: AttemptLimits) {
    this.#places = new Semaphore({
      perKey: limits.handshakesPerEndpoint ?? 8,
      total: limits.handshakes ?? 50,
    });
    this.#doors = new RetryBudgets(limits.retryPauseMs ?? 150);
    this.#startMs = limits.startMs;
    this.#timeoutMs = limits.connectTimeoutMs ?? SSH_DEFAULTS.connectTimeoutMs;
  }

  /**
   * Opens a host, in several attempts when it drops us.
   *
   * @throws {ConnectError} with the phase that failed.
   */
  async open<T>(
    endpoint: Endpoint,
    options: AttemptOptions,
    tryOnce: (attempt: ConnectAttempt) => Promise<T>,
  ): Promise<T> {
    const release = await this.#places.acquire(options.server, options.signal);
    const timeoutMs = this.timeoutMs(endpoint);
    const deadline = new Deadline(options.signal);
    deadline.set(
      timeoutMs,
      () => new Error("The time for connecting is over"),
    );
    try {
      return await this.#repeat(
        endpoint,
        { ...options, deadline, timeoutMs },
        tryOnce,
      );
    } finally {
      deadline.clear();
      release();
    }
  }

  /** How long a host may take, in milliseconds, until the user is let in. */
  timeoutMs(endpoint: Endpoint): number {
    return endpoint.ssh?.connectTimeoutMs ?? this.#timeoutMs;
  }

  /** How long a command may take to start there, in milliseconds. */
  startMs(endpoint: Endpoint): number {
    return this.#startMs ?? Math.max(this.timeoutMs(endpoint), START_MS);
  }

  async #repeat<T>(
    endpoint: Endpoint,
    { door, deadline, timeoutMs, onPhase, goesOn }:
      & AttemptOptions
      & Pick<ConnectAttempt, "deadline">
      & { timeoutMs: number },
    tryOnce: (attempt: ConnectAttempt) => Promise<T>,
  ): Promise<T> {
    const { signal } = deadline;
    const patience = this.#doors.knock(door);
    let phase: Phase = "resolve";
    let greeting = "";
    try {
      for (;;) {
        try {
          return await tryOnce({
            deadline,
            onPhase: (next) => onPhase(phase = next),
            onGreeting: (line) => greeting = line,
          });
        } catch (error) {
          if (deadline.expired) {
            throw timedOut({ endpoint, phase, timeoutMs, greeting });
          }
          if (signal.aborted) throw signal.reason;
          if (goesOn?.(error)) continue;
          const again = patience.failed() && mayPass(error, phase, greeting);
          if (again) await patience.pause(signal);
          if (!again || deadline.expired) {
            const { attempts } = patience;
            throw cannotConnect(error, { endpoint, phase, attempts, greeting });
          }
          phase = "resolve";
          greeting = "";
        }
      }
    } finally {
      patience.leave();
    }
  }
}
