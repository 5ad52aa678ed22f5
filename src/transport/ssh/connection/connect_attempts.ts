// Connecting to a host and logging in, for both SSH transports: how many hosts
// connect at once, how long one may take, and when it is retried.
import { Deadline } from "../../../async/deadline.ts";
import type { Phase } from "../../../errors.ts";
import { Semaphore } from "../../../async/semaphore.ts";
import { type Endpoint, SSH_DEFAULTS, START_MS } from "../../transport.ts";
import { FirstLogins } from "../login/first_logins.ts";
import { isBanMessage } from "./greeting.ts";
import { HandshakeWindow, type TimedHandshake } from "./handshake_window.ts";
import { LoopDelay } from "./loop_delay.ts";
import { cannotConnect, explainBan, mayPass, timedOut } from "./ssh_errors.ts";
import { routeOf } from "./bastions.ts";
import { RetryBudgets } from "../login/retry_budget.ts";

/**
 * Attempts when a server says that it admits nobody now. That is a ban, which such
 * a connection does not make longer, or many logins are in progress.
 */
const BAN_ATTEMPTS = 3;

/**
 * Hosts that are connected to at once. It is more than there are handshakes, because
 * of many hosts some are always dead, and each takes the whole connect timeout.
 */
const MOST_CONNECTING = 500;
/** The runtime looks up no more names at once; others would wait in its queue. */
const MOST_LOOKUPS = 32;

/** The limits of a run. */
export interface AttemptLimits {
  /** From name to authenticated, in milliseconds. Default: 10 000. */
  connectTimeoutMs?: number;
  /**
   * How long a command may take to start, in milliseconds. Default: the time to
   * connect, and at least 10 000.
   */
  startMs?: number | undefined;
  /** Connections with one address and port that are not logged in. Default: 8. */
  handshakesPerEndpoint?: number;
  /** The most handshakes in flight in total; fewer when they overdo it. Default: 50. */
  handshakes?: number;
  /**
   * The pause, in milliseconds, before the retry of a server that closed the
   * connection before the handshake; longer each time. Default: 150.
   */
  retryPauseMs?: number;
  /** Tells for how long this process was late. Default: one of these attempts. */
  delay?: Pick<LoopDelay, "lateMs" | "watch">;
}

/** One attempt. */
export interface ConnectAttempt {
  readonly deadline: Deadline;
  /** Called when a phase starts. */
  readonly onPhase: (phase: Phase) => void;
  /** Waits for the turn to look up a name; the deadline stands still. */
  readonly lookUp: () => Promise<void>;
  /**
   * Waits for the turn to start a proxy command, which lasts until its server sends
   * something; the deadline stands still.
   */
  readonly startProxy: () => Promise<void>;
  /**
   * Waits for the turn of a handshake; the deadline stands still. Call it once, when
   * the server has begun its part, or before a process is started that connects.
   *
   * @param signal ends the wait. Default: that of the deadline
   */
  readonly begin: (signal?: AbortSignal) => Promise<void>;
  /** Called with the line that a host sends instead of SSH; empty for SSH. */
  readonly onGreeting: (line: string) => void;
  /** Called with what a proxy command wrote to stderr, when its attempt has failed. */
  readonly onStderr: (text: string) => void;
}

/** How to open a host. */
export interface AttemptOptions {
  /** The server whose connections are counted, for all its users. */
  readonly server: string;
  /** True when such a login has succeeded before: others need not wait for it. */
  readonly isExpected?: boolean;
  /**
   * Resolves to a text that is the same for logins with the same credentials;
   * undefined when they are not known before. Default: undefined.
   */
  readonly offers?: () => Promise<string | undefined>;
  /** Key of the host or bastion whose load these connections share. */
  readonly loadKey: string;
  readonly signal: AbortSignal;
  /** Called with undefined while it waits for a turn. */
  readonly onPhase: (phase: Phase | undefined) => void;
  /** True for an error after which the next attempt starts at once. */
  readonly continuesAfter?: (error: unknown) => boolean;
}

/** The attempts of a run. */
export class Attempts {
  readonly #connecting: Semaphore;
  readonly #lookups = new Semaphore({
    perKey: Infinity,
    total: MOST_LOOKUPS,
  });
  /** Proxy commands whose server has sent nothing: not at the cost of others. */
  readonly #proxies: Semaphore;
  readonly #handshakes: Semaphore;
  readonly #delay: Pick<LoopDelay, "lateMs" | "watch">;
  readonly #window: HandshakeWindow;
  readonly #budgets: RetryBudgets;
  readonly #firstLogins = new FirstLogins();
  /** How many connections to a server have not led to a login. */
  readonly #failures = new Map<string, number>();
  readonly #timeoutMs: number;
  readonly #startMs: number | undefined;

  constructor(limits: AttemptLimits) {
    this.#delay = limits.delay ?? new LoopDelay();
    const most = limits.handshakes ?? 50;
    this.#connecting = new Semaphore({
      perKey: limits.handshakesPerEndpoint ?? 8,
      total: MOST_CONNECTING,
    });
    this.#proxies = new Semaphore({ perKey: Infinity, total: most });
    this.#handshakes = new Semaphore({ perKey: Infinity, total: most });
    this.#window = new HandshakeWindow({
      most,
      lateMs: () => this.#delay.lateMs,
    });
    this.#budgets = new RetryBudgets(limits.retryPauseMs ?? 150);
    this.#startMs = limits.startMs;
    this.#timeoutMs = limits.connectTimeoutMs ?? SSH_DEFAULTS.connectTimeoutMs;
  }

  /** How many handshakes may be in flight now. */
  get handshakes(): number {
    return this.#window.size;
  }

  /**
   * Opens a host, with retries when it closes the connection early.
   *
   * @throws {ConnectError} with the phase that failed.
   */
  async open<T>(
    endpoint: Endpoint,
    options: AttemptOptions,
    tryOnce: (attempt: ConnectAttempt) => Promise<T>,
  ): Promise<T> {
    const { isExpected = false, signal } = options;
    const offers = () =>
      options.offers?.().catch(() => undefined) ?? Promise.resolve(undefined);
    const key = `${routeOf(endpoint)} ${endpoint.proxyCommand ?? ""}`;
    return await this.#firstLogins.open(
      { endpoint, key, isExpected, signal, offers },
      () => this.#open(endpoint, options, tryOnce),
    );
  }

  async #open<T>(
    endpoint: Endpoint,
    options: AttemptOptions,
    tryOnce: (attempt: ConnectAttempt) => Promise<T>,
  ): Promise<T> {
    const release = await this.#connecting.acquire(
      options.server,
      options.signal,
    );
    const unwatch = this.#delay.watch();
    const timeoutMs = this.timeoutMs(endpoint);
    const deadline = new Deadline(options.signal);
    deadline.set(
      timeoutMs,
      () => new Error("The connect timeout has passed"),
    );
    try {
      return await this.#repeat(
        endpoint,
        { ...options, deadline, timeoutMs },
        tryOnce,
      );
    } finally {
      deadline.clear();
      unwatch();
      release();
    }
  }

  /** How long connecting and the login may take, in milliseconds. */
  timeoutMs(endpoint: Endpoint): number {
    return endpoint.ssh?.connectTimeoutMs ?? this.#timeoutMs;
  }

  /** How long a command may take to start there, in milliseconds. */
  startMs(endpoint: Endpoint): number {
    return this.#startMs ?? Math.max(this.timeoutMs(endpoint), START_MS);
  }

  async #repeat<T>(
    endpoint: Endpoint,
    { loadKey, deadline, timeoutMs, onPhase, continuesAfter }:
      & AttemptOptions
      & Pick<ConnectAttempt, "deadline">
      & { timeoutMs: number },
    tryOnce: (attempt: ConnectAttempt) => Promise<T>,
  ): Promise<T> {
    const { signal } = deadline;
    const budget = this.#budgets.start(loadKey);
    const server = routeOf({ ...endpoint, user: "" });
    let phase = "resolve" as Phase;
    let greeting = "";
    let stderr = "";
    let timed: TimedHandshake | undefined;
    /** For how long this process had been late when the host's time began to run. */
    let lateBefore = this.#delay.lateMs;
    const held: Partial<Record<"lookup" | "proxy" | "handshake", () => void>> =
      {};
    const release = (what: keyof typeof held) => {
      held[what]?.();
      delete held[what];
    };
    const take = async (
      what: keyof typeof held,
      places: Semaphore,
      ended = signal,
    ) => {
      if (held[what] !== undefined) return; // the attempt before was the same login
      const mustWait = places.isFull;
      const resume = mustWait ? deadline.pause() : () => {};
      if (mustWait) onPhase(undefined);
      const place = await places.acquire("", ended).finally(resume);
      if (ended.aborted) place();
      ended.throwIfAborted();
      held[what] = place;
      lateBefore = this.#delay.lateMs;
      if (mustWait) onPhase(phase);
    };
    const endTimed = (how: keyof TimedHandshake) => {
      timed?.[how]();
      timed = undefined;
      this.#handshakes.total = this.#window.size;
    };
    const end = () => {
      release("lookup");
      release("proxy");
      release("handshake");
    };
    try {
      for (;;) {
        try {
          return await tryOnce({
            deadline,
            onPhase: (next) => {
              if (next !== "resolve") release("lookup");
              if (next === "hostkey") endTimed("done");
              onPhase(phase = next);
            },
            lookUp: () => take("lookup", this.#lookups),
            startProxy: () => take("proxy", this.#proxies),
            begin: async (ended) => {
              // Hundreds of hosts get here at once: they do not pay for each other.
              deadline.extend(this.#delay.lateMs - lateBefore);
              await take("handshake", this.#handshakes, ended);
              release("proxy");
              timed = this.#window.begin();
            },
            onGreeting: (line) => greeting = line,
            onStderr: (text) => stderr = text,
          });
        } catch (error) {
          if (phase === "hostkey" || phase === "auth") {
            this.#failures.set(server, (this.#failures.get(server) ?? 0) + 1);
          }
          if (deadline.expired) {
            endTimed("missed");
            throw timedOut({ endpoint, phase, timeoutMs, greeting, stderr });
          }
          if (signal.aborted) throw signal.reason;
          if (continuesAfter?.(error)) continue; // it keeps its place
          const isBan = phase === "connect" && isBanMessage(greeting);
          const failures = this.#failures.get(server) ?? 0;
          const again = budget.failed({
            ...(isBan && { limit: BAN_ATTEMPTS }),
            isAlone: isBan && failures > 0,
          }) && mayPass(error, phase, greeting);
          end();
          if (again) await budget.pause(signal);
          if (!again || deadline.expired) {
            const { attempts } = budget;
            if (isBan) {
              const options = { endpoint, failures, greeting, cause: error };
              throw explainBan(options);
            }
            const failed = { endpoint, phase, attempts, greeting, stderr };
            throw cannotConnect(error, failed);
          }
          phase = "resolve";
          lateBefore = this.#delay.lateMs;
          greeting = stderr = "";
          timed = undefined;
        }
      }
    } finally {
      end();
      budget.end();
    }
  }
}
