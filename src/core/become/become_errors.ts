// Explains why a command did not run as another user: turns the output of the
// become program into one message and one hint.
import { GateError } from "../../errors.ts";
import type { Exit } from "../../transport/transport.ts";
import { describeExit, shortLines } from "../../gate/open/open_errors.ts";
import type { Become } from "./become.ts";

/** What is known of an attempt to become another user. */
export interface BecomeAttempt {
  readonly become: Become;
  /** Whether a password was available. */
  readonly hadPassword: boolean;
  /** Why no password may be sent to the host. */
  readonly distrust?: string | undefined;
}

/** The program asks for a password, and none was available. */
export class PasswordWanted extends GateError {}

/** Explains a report of elevate.py: `wrong`, or `asks Verification code:`. */
export function explainReport(
  word: string,
  text: string,
  attempt: BecomeAttempt,
): GateError | undefined {
  const { become } = attempt;
  const { method } = become;
  switch (word) {
    case "missing":
      return failure(
        become,
        `the host has no ${become.executable ?? method}`,
        "Install it there, or choose another `become.method`",
      );
    case "wrong":
      return failure(become, `${method} refused the password`, WRONG_HINT);
    case "unasked":
      return wanted(attempt);
    case "expired":
      return failure(become, PASSWORD_EXPIRED, EXPIRED_HINT);
    case "asks":
      return failure(
        become,
        `${method} asks for something other than a password: ${
          JSON.stringify(text)
        }`,
        "Configure the host so that it asks for a password only, or for nothing",
      );
    default:
      return undefined;
  }
}

/**
 * Explains why the program ended before the command ran. `isWrong`: because it
 * refused the password.
 */
export function explainEnd(
  output: string,
  { exit, attempt }: { exit: Exit; attempt: BecomeAttempt },
): { error: GateError; isWrong: boolean } {
  const { become, hadPassword } = attempt;
  const lines = shortLines(output);
  for (const [pattern, why, hint] of CAUSES) {
    if (!pattern.test(lines)) continue;
    const wantsOne = pattern === WRONG || pattern === REQUIRED;
    if (wantsOne && !hadPassword) {
      return { error: wanted(attempt), isWrong: false };
    }
    const text = typeof why === "string" ? why : why(attempt);
    const advice = typeof hint === "string" ? hint : hint(attempt);
    return {
      error: failure(become, text, advice),
      isWrong: pattern === WRONG,
    };
  }
  const last = output.split("\n").map((line) => line.trim())
    .findLast((line) => line !== "")?.slice(0, 300);
  const error = failure(
    become,
    `${become.method} ended with ${describeExit(exit)}${
      last === undefined
        ? " and printed nothing"
        : ` and printed ${JSON.stringify(last)}`
    }`,
    `Log in to the host and run ${become.method} there to see why`,
  );
  return { error, isWrong: false };
}

/** Explains that the SSH server opened no terminal for the question. */
export function explainNoTerminal({ become }: BecomeAttempt): GateError {
  return failure(
    become,
    `${become.method} needs a terminal to ask for the password, and the host's SSH server opens none`,
    TERMINAL_HINT,
  );
}

/** Explains that nothing happened until the timeout. */
export function explainSilence(
  ms: number,
  { become }: BecomeAttempt,
): GateError {
  return failure(
    become,
    `${become.method} neither asked for a password nor ran the command for ${
      ms / 1000
    } s`,
    "Log in to the host to see what it waits for, or raise `connectTimeoutMs`",
  );
}

function failure(become: Become, why: string, hint: string): GateError {
  return new GateError(`Cannot become ${become.user}: ${why}`, {
    phase: "become",
    hint,
  });
}

function wanted({ become, distrust }: BecomeAttempt): PasswordWanted {
  const { method, user } = become;
  const asks = `Cannot become ${user}: ${method} asks for a password`;
  return distrust === undefined
    ? new PasswordWanted(asks, { phase: "become", hint: ASK_HINT })
    : new PasswordWanted(`${asks}, and none is sent to the host: ${distrust}`, {
      phase: "become",
      hint: DISTRUST_HINT,
    });
}

const WRONG =
  /sorry, try again|incorrect|authentication fail(?:ure|ed)|permission denied|^no\.$/im;
const REQUIRED =
  /a password is required|interactive authentication is required|auth(?:entication|orization) required|conversation (?:error|failure)|immediate abort/i;
const WRONG_HINT =
  "Correct `become.password`: it was tried once, and is not tried again";
const ASK_HINT =
  "Give it with `become.password` or ansible_become_password; an empty one, where a touch or a push is enough";
const DISTRUST_HINT =
  "Compare the host's key at the host itself, then correct that line of known_hosts";
const TERMINAL_HINT =
  "Install Python 3 on the host, allow terminals in its SSH server (PermitTTY, no-pty), or let its rules need none (!requiretty, nopass)";
const EXPIRED_HINT = "Log in to the host and change it";
const ALLOW_HINT =
  "Let an administrator of the host allow it, or log in as another user";
const PASSWORD_EXPIRED = "the password has expired";

type Text = string | ((attempt: BecomeAttempt) => string);

/** What programs print in English, its message and its hint; the first one wins. */
const CAUSES: readonly [RegExp, Text, Text][] = [
  [
    /must have a tty|no tty present|terminal is required|a tty is required|must be run from a terminal|tcsetattr/i,
    ({ become }) => `${become.method} needs a terminal to ask for the password`,
    TERMINAL_HINT,
  ],
  [
    /unknown user|user .* does not exist|no passwd entry|unknown id|unknown login|^su: no '/im,
    "the host has no such user",
    "Correct `become.user` or ansible_become_user",
  ],
  [
    /account or password is expired/i,
    "the account or its password has expired",
    EXPIRED_HINT,
  ],
  [
    /account.*expired|has expired.*account|account is locked|account validation failure/i,
    "the account has expired or is locked",
    "Let an administrator of the host renew it",
  ],
  [
    /password.*(?:has )?expired|change your password/i,
    PASSWORD_EXPIRED,
    EXPIRED_HINT,
  ],
  [
    /not in the sudoers|may not run sudo|not allowed to (?:execute|run)/i,
    "the host's sudoers do not allow it for the login user",
    ALLOW_HINT,
  ],
  [
    WRONG,
    ({ become }) => `${become.method} refused the password`,
    WRONG_HINT,
  ],
  [
    REQUIRED,
    ({ become }) => `${become.method} asks for a password`,
    ASK_HINT,
  ],
  [
    /operation not permitted|not enabled/i,
    ({ become }) => `the host's rules for ${become.method} do not allow it`,
    ALLOW_HINT,
  ],
  [
    /currently not available|nologin|using restricted shell/i,
    "the user's login shell runs no commands, and su uses no other shell",
    "Use another `become.method`, or give the user a shell",
  ],
];
