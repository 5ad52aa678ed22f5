// Says why a command did not come to run as another user: from what the program
// and the terminal said to one sentence and one piece of advice.
import { GateError } from "../../errors.ts";
import type { Exit } from "../../transport/transport.ts";
import { describeExit } from "../../gate/open/open_errors.ts";
import type { Become } from "./become.ts";

/** What is known of the attempt. */
export interface BecomeAttempt {
  readonly become: Become;
  /** Whether a password was at hand. */
  readonly hadPassword: boolean;
  /** Why the host must not be sent one. */
  readonly distrust?: string | undefined;
}

/** The program asks for a password, and none was at hand. */
export class PasswordWanted extends GateError {}

/** A report of ours from the host: `wrong`, or `asks Verification code:`. */
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
        "Install it there, or choose another way by --become-method",
      );
    case "wrong":
      return failure(become, `${method} refused the password`, WRONG_HINT);
    case "unasked":
      return wanted(attempt);
    case "expired":
      return failure(become, "the password has expired", EXPIRED_HINT);
    case "asks":
      return failure(
        become,
        `${method} asks for what is no password: ${JSON.stringify(text)}`,
        "Let the host's rules ask for a password alone, or for nothing",
      );
    default:
      return undefined;
  }
}

/** It ended before the command ran; `isWrong`: because of the password. */
export function explainEnd(
  said: string,
  { exit, attempt }: { exit: Exit; attempt: BecomeAttempt },
): { error: GateError; isWrong: boolean } {
  const { become, hadPassword } = attempt;
  for (const [pattern, why, hint] of CAUSES) {
    const match = pattern.exec(said);
    if (match === null) continue;
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
  const last = said.split("\n").map((line) => line.trim())
    .findLast((line) => line !== "")?.slice(0, 300);
  const error = failure(
    become,
    `${become.method} ended with ${describeExit(exit)}${
      last === undefined
        ? " and said nothing"
        : ` and said ${JSON.stringify(last)}`
    }`,
    `Log in by hand and try ${become.method} there`,
  );
  return { error, isWrong: false };
}

/** The host gave no terminal to ask on. */
export function explainNoTerminal({ become }: BecomeAttempt): GateError {
  return failure(
    become,
    `${become.method} wants a terminal to ask on, and the host's SSH server gives none`,
    TERMINAL_HINT,
  );
}

/** Nothing happened for too long. */
export function explainSilence(
  ms: number,
  { become }: BecomeAttempt,
): GateError {
  return failure(
    become,
    `${become.method} has neither asked for a password nor run the command for ${
      ms / 1000
    } s`,
    "Log in by hand to see what it waits for, or raise --connect-timeout",
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
    : new PasswordWanted(`${asks}, and the host is sent none: ${distrust}`, {
      phase: "become",
      hint: DISTRUST_HINT,
    });
}

const WRONG =
  /sorry, try again|incorrect|authentication fail(?:ure|ed)|permission denied|^no\.$/im;
const REQUIRED =
  /a password is required|auth(?:entication|orization) required|conversation (?:error|failure)|immediate abort/i;
const WRONG_HINT =
  "Give the right one: it was tried once, and is not tried again";
const ASK_HINT =
  "Give it with -K, --become-password-file or ansible_become_password";
const DISTRUST_HINT =
  "Compare the host's key at the host itself, then correct that line of known_hosts";
const TERMINAL_HINT =
  "Where the host has no Python 3, its SSH server must give one (PermitTTY, no-pty), or its rules ask for none (!requiretty, nopass)";
const EXPIRED_HINT = "Log in by hand and change it";

type Say = string | ((attempt: BecomeAttempt) => string);

/** What programs say in English, the first that fits. */
const CAUSES: readonly [RegExp, Say, Say][] = [
  [
    /must have a tty|no tty present|terminal is required|a tty is required|must be run from a terminal|tcsetattr/i,
    ({ become }) => `${become.method} wants a terminal to ask on`,
    TERMINAL_HINT,
  ],
  [
    /unknown user|user .* does not exist|no passwd entry|unknown id|unknown login|^su: no '/im,
    "the host has no such user",
    "Correct --become-user or ansible_become_user",
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
    "the password has expired",
    EXPIRED_HINT,
  ],
  [
    /not in the sudoers|may not run sudo|not allowed to (?:execute|run)/i,
    "the host's sudoers do not allow it to the user who logs in",
    "Let an administrator of the host allow it, or log in as another user",
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
    ({ become }) => `the host's rules of ${become.method} do not allow it`,
    "Let an administrator of the host allow it, or log in as another user",
  ],
  [
    /currently not available|nologin|using restricted shell/i,
    "the user's login shell takes no commands, and su uses no other one for it",
    "Use sudo, or give the user a shell",
  ],
];
