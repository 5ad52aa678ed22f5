// Explains why a host did not open a gate or run a command after the login. Turns
// its output and its exit status into one sentence and one hint.
import {
  ConnectError,
  type FtlError,
  GateError,
  type Phase,
} from "../../errors.ts";
import type { Exit } from "../../transport/transport.ts";

/** The state of a host whose output ended too early. */
export interface Refusal {
  exit: Exit;
  /** What it printed on stdout, without our lines. */
  noise: string;
  /** The end of what it printed on stderr. */
  stderr: string;
}

/** Explains a login shell that did not run our command: it printed no sentinel. */
export function explainNoShell(refusal: Refusal): FtlError {
  const lost = explainLost(refusal.exit, "python");
  if (lost !== undefined) return lost;
  const printed = firstLine(refusal.noise) ?? firstLine(refusal.stderr);
  const all = shortLines(`${refusal.noise}\n${refusal.stderr}`);
  const hint = CAUSES.find(([pattern]) => pattern.test(all))?.[1] ??
    "Check the account for a forced command, or for a login shell that runs no commands";
  return new GateError(
    `Cannot run a command: the account ended with ${
      describeExit(refusal.exit)
    }${
      printed === undefined
        ? " and printed nothing"
        : ` and printed ${quote(printed)}`
    }`,
    { phase: "python", hint },
  );
}

/** Explains a gate that ended before it was up. */
export function explainNoGate(
  refusal: Refusal,
  phase: Phase,
): FtlError {
  const lost = explainLost(refusal.exit, phase);
  if (lost !== undefined) return lost;
  const tail = lastLines(refusal.stderr || refusal.noise);
  return new GateError(
    `Cannot start the gate: Python ended with ${describeExit(refusal.exit)}${
      tail === "" ? " and printed nothing" : `: ${tail}`
    }`,
    { phase, hint: "Run python3 on the host by hand to see why it fails" },
  );
}

/** Explains a gate that ended after it was up. */
export function explainLostGate(refusal: Refusal): ConnectError {
  const tail = lastLines(refusal.stderr);
  const silence = /The gate heard nothing for \d+ s$/.exec(tail)?.[0];
  if (silence !== undefined) {
    const what = silence.charAt(0).toLowerCase() + silence.slice(1);
    return new ConnectError(`Lost the gate: ${what}`, {
      phase: "call",
      hint: "ftl was stopped, its machine slept, or the network was down",
    });
  }
  const how = refusal.exit.lost
    ? `the connection was lost${becauseOf(refusal.exit)}`
    : `the gate ended with ${describeExit(refusal.exit)}`;
  return new ConnectError(
    `Lost the gate: ${how}${tail === "" ? "" : `: ${tail}`}`,
    { phase: "call" },
  );
}

/** How a command ended: `signal KILL`, `status 1`, `no status`. */
export function describeExit(exit: Exit): string {
  if (exit.signal !== null) return `signal ${exit.signal}`;
  if (exit.code !== null) return `status ${exit.code}`;
  return "no status";
}

/** Why a connection was lost, as the end of a sentence; usually empty. */
export function becauseOf({ fault }: Exit): string {
  return fault === undefined ? "" : `: ${fault}`;
}

function explainLost(exit: Exit, phase: Phase): FtlError | undefined {
  if (!exit.lost) return exit.refusal;
  return new ConnectError(
    `Lost the connection before the host was ready${becauseOf(exit)}`,
    {
      phase,
      hint:
        "Check the host: a call that was already sent may have taken effect",
    },
  );
}

/** The most of a line that is compared with known messages. */
const MAX_LINE = 500;

/**
 * A host's text, its lines cut: a pattern with `.*` takes quadratic time for a
 * long line.
 */
export function shortLines(text: string): string {
  return text.split("\n").map((line) => line.slice(0, MAX_LINE)).join("\n");
}

/** Known messages of accounts that run no commands, each with a hint. */
const CAUSES: readonly [RegExp, string][] = [
  [
    /account is currently not available|nologin|account.*(disabled|expired)/i,
    "Choose another user, or give the account a shell: its login shell is nologin",
  ],
  [
    /sftp connections only|allows sftp|internal-sftp|only sftp/i,
    "Choose another user: this account allows only SFTP",
  ],
  [
    /restricted|not allowed to (run|execute)|forbidden (command|path)|unknown command/i,
    "Choose another user, or give the account a full shell: its login shell is restricted",
  ],
  [
    /no such file or directory.*sh|\/bin\/sh: not found/i,
    "Install a shell as /bin/sh on the host",
  ],
  [
    /password.*expired|change your password/i,
    "Log in by hand and change the account's password: it has expired",
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
