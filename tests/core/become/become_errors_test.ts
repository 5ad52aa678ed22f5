import { assert, assertEquals } from "@std/assert";
import {
  explainEnd,
  explainNoTerminal,
  explainReport,
  explainSilence,
  PasswordWanted,
} from "../../../src/core/become/become_errors.ts";
import type { GateError } from "../../../src/errors.ts";
import { explainNoShell } from "../../../src/gate/open/open_errors.ts";

const become = {
  method: "sudo",
  user: "app",
  password: () => Promise.resolve(undefined),
} as const;
const attempt = { become, hadPassword: true };
const exit = { code: 1, signal: null, lost: false };

/** Every error of the file, by its cause. */
const ERRORS: Readonly<Record<string, GateError | undefined>> = {
  missing: explainReport("missing", "", attempt),
  wrong: explainReport("wrong", "", attempt),
  unasked: explainReport("unasked", "", attempt),
  expired: explainReport("expired", "", attempt),
  asks: explainReport("asks", "Verification code:", attempt),
  distrust: explainReport("unasked", "", { ...attempt, distrust: "a reason" }),
  silence: explainSilence(1000, attempt),
  terminal: explainNoTerminal(attempt),
  user: explainEnd("sudo: unknown user: app", { exit, attempt }).error,
  sudoers: explainEnd("me is not in the sudoers file", { exit, attempt }).error,
  nologin: explainEnd("currently not available", { exit, attempt }).error,
  unknown: explainEnd("", { exit, attempt }).error,
};

for (const [cause, error] of Object.entries(ERRORS)) {
  Deno.test(`become error ${cause}: the hint names no flag of the command line`, () => {
    const hint = error!.hint!;
    assertEquals(/(?:^| )-{1,2}[A-Za-z]/.exec(hint), null, hint);
    assert(error!.message.startsWith("Cannot become app: "), error!.message);
    assert(!/\.$/.test(error!.message + hint), error!.message + hint);
  });
}

Deno.test("explainEnd() tells a wrong password from a missing one", () => {
  const output = "Sorry, try again.";
  const wrong = explainEnd(output, { exit, attempt });
  assertEquals(wrong.isWrong, true);
  const missing = explainEnd(output, {
    exit,
    attempt: { become, hadPassword: false },
  });
  assertEquals(missing.isWrong, false);
  assert(missing.error instanceof PasswordWanted);
});

Deno.test("explainEnd() knows how sudo and sudo-rs say that they may not ask", () => {
  const missing = { become, hadPassword: false };
  for (
    const output of [
      "sudo: a password is required",
      "sudo: interactive authentication is required",
      "sudo-rs: interactive authentication is required",
    ]
  ) {
    const { error } = explainEnd(output, { exit, attempt: missing });
    assert(error instanceof PasswordWanted, output);
  }
});

Deno.test("explainEnd() takes little time for a host's long line", () => {
  const start = performance.now();
  for (const word of ["account", "password", "user ", "has expired"]) {
    const output = word.repeat(64 * 1024 / word.length);
    const { error } = explainEnd(output, { exit, attempt });
    assert(error.message.startsWith("Cannot become app: "), error.message);
    explainNoShell({ exit, noise: output, stderr: output });
  }
  // Each word took seconds.
  assert(performance.now() - start < 3_000);
});
