// Asks the user for a become password during a session. First checks whether the
// host wants one, so that the user is not asked without need.
import { Deadline } from "../../async/deadline.ts";
import { GateError } from "../../errors.ts";
import type { Connection, Endpoint } from "../../transport/transport.ts";
import type { Become } from "./become.ts";
import { elevate } from "./elevate.ts";
import { explainSilence, PasswordWanted } from "./become_errors.ts";
import type { BecomeTrials } from "./password_trials.ts";

/** How long a command that does nothing may take to end. */
const END_MS = 2_000;

/** The host, and how to check whether it wants a password. */
export interface AskingOptions {
  readonly endpoint: Endpoint;
  /** The login user's Python; default: the first that is found. */
  readonly python: string | undefined;
  readonly timeoutMs: number;
  readonly trials: BecomeTrials;
  readonly signal: AbortSignal;
}

/**
 * Adds the password, when the host wants one, none is known, and `ask` is set.
 *
 * @throws {GateError} when the user gives none.
 */
export async function withPassword(
  become: Become,
  login: Connection,
  options: AskingOptions,
): Promise<Become> {
  const { endpoint, trials } = options;
  if (!become.ask || await become.password(endpoint) !== undefined) {
    return become;
  }
  const refusal = await findRefusal(become, login, options);
  if (!(refusal instanceof PasswordWanted)) return become; // its use reports why
  const password = await trials.ask(endpoint, become);
  if (password) return { ...become, password: () => Promise.resolve(password) };
  throw new GateError(refusal.message, {
    phase: "become",
    hint: "Become the user again to be asked for it",
    cause: refusal,
  });
}

async function findRefusal(
  become: Become,
  login: Connection,
  { python, timeoutMs, signal }: AskingOptions,
): Promise<Error | undefined> {
  const connection = elevate(login, {
    become,
    python,
    timeoutMs,
    takePassword: () => Promise.resolve({ password: undefined, end: () => {} }),
  });
  const stream = await connection.exec(":", { signal });
  const ms = connection.startMs ?? timeoutMs;
  const deadline = new Deadline(signal);
  deadline.set(
    ms + END_MS,
    () => explainSilence(ms + END_MS, { become, hadPassword: false }),
  );
  try {
    stream.stdin.close().catch(() => {}); // the command may have ended already
    const [{ refusal }] = await deadline.race(Promise.all([
      stream.exit,
      stream.stdout.pipeTo(new WritableStream()),
      stream.stderr.pipeTo(new WritableStream()),
    ]));
    return refusal;
  } catch (error) {
    signal.throwIfAborted();
    return error as Error;
  } finally {
    deadline.clear();
    stream.close();
  }
}
