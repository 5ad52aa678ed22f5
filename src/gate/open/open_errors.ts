// Says why a host that let us in did not become a gate (or run a command): from
// what it printed and how it ended to one sentence and one piece of advice.
import {
  ConnectError,
  type FtlError,
  GateError,
  type Phase,
} from "../../errors.ts";
import type { Exit } from "../../transport/transport.ts";

/** What is known when a host's output ended too early. */
export interface Refusal {
  exit: Exit;
  /** What it printed on stdout besides our lines. */
  noise: string;
  /** The end of what it printed on stderr. */
  stderr: string;
}

/** The login shell did not run our command at all: no sentinel came. */
export function explainNoShell(refusal: Refusal): FtlError {
  const lost = explainLost(refusal.exit, "python");
  if (lost !== undefined) return lost;
  const said = firstLine(refusal.noise) ?? firstLine(refusal.stderr);
  const all = `${refusal.noise}\n${refusal.stderr}`;
  const hint = CAUSES.find(([pattern]) => pattern.test(all))?.[1] ??
    "A forced command or a login shell that takes no commands answers for this account";
  return new GateError(
    `Cannot run a command: the account ended with ${
      describeExit(refusal.exit)
    }${said === undefined ? " and said nothing" : ` and said ${quote(said)}`}`,
    { phase: "python", hint },
  );
}

/** The shell ran our command, but the gate ended before it was up. */
export function explainNoGate(
  refusal: Refusal,
  phase: Phase,
): FtlError {
  const lost = explainLost(refusal.exit, phase);
  if (lost !== undefined) return lost;
  const tail = lastLines(refusal.stderr || refusal.noise);
  return new GateError(
    `Cannot start the gate: Python ended with ${describeExit(refusal.exit)}${
      tail === "" ? " and said nothing" : `: ${tail}`
    }`,
    { phase, hint: "Run the host's python3 by hand to see what it lacks" },
  );
}

/** The gate was up and is gone. */
export function explainLostGate(refusal: Refusal): ConnectError {
  const tail = lastLines(refusal.stderr);
  const how = refusal.exit.lost
    ? `the connection was lost${becauseOf(refusal.exit)}`
    : `the gate ended with ${describeExit(refusal.exit)}`;
  return new ConnectError(
    `Lost the gate: ${how}${tail === "" ? "" : `: ${tail}`}`,
    { phase: "call" },
  );
}

/** How a command ended, in words. */
export function describeExit(exit: Exit): string {
  if (exit.signal !== null) return `signal ${exit.signal}`;
  if (exit.code !== null) return `status ${exit.code}`;
  return "no status";
}

/** Why a connection was lost, for the end of a sentence; mostly empty. */
export function becauseOf({ fault }: Exit): string {
  return fault === undefined ? "" : `: ${fault}`;
}

function explainLost(exit: Exit, phase: Phase): FtlError | undefined {
  if (!exit.lost) return exit.refusal;
  return new ConnectError(
    `Lost the connection before the host was ready${becauseOf(exit)}`,
    { phase, hint: "A call that was sent along may have taken effect" },
  );
}

/** What refusing accounts are known to say, and what each means. */
const CAUSES: readonly [RegExp, string][] = [
  [
    /account is currently not available|nologin|account.*(disabled|expired)/i,
    "The account's login shell is nologin: choose another user, or give it a shell",
  ],
  [
    /sftp connections only|allows sftp|internal-sftp|only sftp/i,
    "The account takes SFTP only: choose another user",
  ],
  [
    /restricted|not allowed to (run|execute)|forbidden (command|path)|unknown command/i,
    "The account's login shell is a restricted one: choose another user, or give it a shell",
  ],
  [
    /no such file or directory.*sh|\/bin\/sh: not found/i,
    "The host has no /bin/sh",
  ],
  [
    /password.*expired|change your password/i,
    "The account's password has expired: log in by hand and change it",
  ],
];

function firstLine(text: string): string | undefined {
  return text.split("\n").map((line) => line.trim()).find((line) => line !== "")
    ?.slice(0, 200);
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-8).join("\n").slice(-1000);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
