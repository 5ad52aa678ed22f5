import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Become } from "../../../src/core/become/become.ts";
import { elevate } from "../../../src/core/become/elevate.ts";
import {
  loginCommand,
  preamble,
} from "../../../src/core/become/become_command.ts";
import { GateError } from "../../../src/errors.ts";
import { runShell } from "../../../src/core/shell/run_shell.ts";
import { logIn, LOGIN_SHELLS } from "../../gate/login_shell.ts";
import { needProgram } from "../../support/need.ts";

const NONCE = "0123456789abcdef0123456789abcdef";
const ROOT: Become = {
  method: "sudo",
  user: "root",
  password: () => Promise.resolve(undefined),
};

function lines(become: Partial<Become>, password?: string): string[] {
  return preamble({
    nonce: NONCE,
    become: { ...ROOT, ...become },
    password,
    command: "id",
  }).split("\n");
}

Deno.test("loginCommand() is the same for every login shell", () => {
  for (const python of [undefined, "/usr/bin/env python3"]) {
    const command = loginCommand(NONCE, python);
    assert(command.length <= 1024);
    assertEquals(/^exec \/bin\/sh -c '[^'"!\\\n]*'$/.test(command), true);
  }
});

Deno.test("loginCommand() does without an interpreter that cannot be used", () => {
  assertEquals(loginCommand(NONCE, "p;id"), loginCommand(NONCE, undefined));
});

Deno.test("preamble() shows the password on its own line only", () => {
  const all = lines({}, "hunter2 ä");
  assertEquals(all.length, 7);
  assertEquals(all.filter((line) => line.includes("hunter2")), ["hunter2 ä"]);
  assertEquals(all.slice(3), ["hunter2 ä", `ftl-${NONCE}-go`, "id", ""]);
});

Deno.test("preamble() refuses a password with a control character", () => {
  assertThrows(() => lines({}, "two\nlines"), GateError, "control character");
});

Deno.test("preamble() never lets sudo ask when no password is available", () => {
  assert(lines({})[1]!.includes("-n -u 'root'"));
  assert(
    !lines({ flags: ["-HnS", "-n", "--stdin", "-E"] }, "pw")[1]!
      .includes("'-n'"),
  );
  assert(
    lines({ flags: ["-HnS", "-E"] }, "pw")[1]!.includes("'sudo' '-H' '-E'"),
  );
});

const sudo = needProgram("sudo");
for (const shell of LOGIN_SHELLS) {
  const { ignore, suffix, path } = needProgram(shell);
  const isRoot = Deno.uid() === 0;
  Deno.test({
    name: `elevate() works with the login shell ${shell}` +
      (suffix || sudo.suffix),
    ignore: ignore || sudo.ignore || !isRoot,
    async fn() {
      await using account = await logIn((quoted) =>
        `exec ${path} -c ${quoted}`
      );
      for (const python of [undefined, "/nowhere/python3"]) {
        const connection = elevate(account.connection, {
          become: ROOT,
          python,
          timeoutMs: 20_000,
          takePassword: () =>
            Promise.resolve({ password: undefined, end: () => {} }),
        });
        const { result } = await runShell(connection, {
          command: 'printf %s "$SUDO_USER"',
          env: {},
          timeoutMs: 20_000,
          signal: new AbortController().signal,
          callContext: { host: "here", duration_ms: 0, phases_ms: {} },
        });
        assertEquals(result, { rc: 0, stdout: "root", stderr: "" });
      }
    },
  });
}
