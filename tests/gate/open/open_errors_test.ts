import { assertEquals, assertInstanceOf } from "@std/assert";
import { ConnectError, GateError } from "../../../src/errors.ts";
import {
  describeExit,
  explainLostGate,
  explainNoGate,
  explainNoShell,
} from "../../../src/gate/open/open_errors.ts";

const FAILED = { code: 1, signal: null, lost: false };
const LOST = { code: null, signal: null, lost: true, fault: "reset" };

Deno.test("explainNoShell() quotes the first line that the account printed", () => {
  const error = explainNoShell({
    exit: FAILED,
    noise: "\n  Go away\nnow",
    stderr: "other",
  });
  assertInstanceOf(error, GateError);
  assertEquals(
    error.message,
    'Cannot run a command: the account ended with status 1 and printed "Go away"',
  );
  assertEquals(
    explainNoShell({ exit: FAILED, noise: "", stderr: "" }).message,
    "Cannot run a command: the account ended with status 1 and printed nothing",
  );
});

Deno.test("explainNoShell() has a hint for each kind of account without commands", () => {
  const hints: [string, RegExp][] = [
    ["This account is currently not available.", /nologin$/],
    ["This service allows sftp connections only.", /only SFTP$/],
    ["rbash: /bin/sh: restricted", /is restricted$/],
    ["bash: /bin/sh: not found", /^Install a shell/],
    ["Your password has expired.", /has expired$/],
    ["Hello", /^Check the account for a forced command/],
  ];
  for (const [stderr, hint] of hints) {
    const error = explainNoShell({ exit: FAILED, noise: "", stderr });
    assertEquals(hint.test(error.hint!), true, `${stderr}: ${error.hint}`);
  }
});

Deno.test("explainNoGate() shows the end of stderr, or else of stdout", () => {
  const stderr = Array.from({ length: 9 }, (_, i) => `line ${i}`).join("\n");
  const refusal = { exit: FAILED, noise: "printed", stderr };
  assertEquals(
    explainNoGate(refusal, "python").message,
    `Cannot start the gate: Python ended with status 1: ${
      stderr.slice("line 0\n".length)
    }`,
  );
  assertEquals(
    explainNoGate({ ...refusal, stderr: "" }, "python").message,
    "Cannot start the gate: Python ended with status 1: printed",
  );
});

Deno.test("a lost connection is a ConnectError with its cause", () => {
  const refusal = { exit: LOST, noise: "", stderr: "" };
  for (
    const error of [explainNoShell(refusal), explainNoGate(refusal, "python")]
  ) {
    assertInstanceOf(error, ConnectError);
    assertEquals(
      error.message,
      "Lost the connection before the host was ready: reset",
    );
  }
  assertEquals(
    explainLostGate(refusal).message,
    "Lost the gate: the connection was lost: reset",
  );
});

Deno.test("describeExit() prefers the signal to the status", () => {
  assertEquals(describeExit({ ...FAILED, signal: "KILL" }), "signal KILL");
  assertEquals(describeExit(FAILED), "status 1");
  assertEquals(describeExit({ ...FAILED, code: null }), "no status");
});

Deno.test("explainLostGate() says that the gate heard nothing from us", () => {
  const error = explainLostGate({
    exit: { code: 1, signal: null, lost: false },
    noise: "",
    stderr: "a module's words\nThe gate heard nothing for 60 s\n",
  });
  assertEquals(
    error.message,
    "Lost the gate: the gate heard nothing for 60 s",
  );
  assertEquals(
    error.hint,
    "ftl was stopped, its machine slept, or the network was down",
  );
});
