import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  runShell,
  type ShellRequest,
} from "../../../src/core/shell/run_shell.ts";
import { ConnectError, GateError } from "../../../src/errors.ts";
import { logIn, LOGIN_SHELLS } from "../../gate/login_shell.ts";
import { needProgram } from "../../support/need.ts";

const callContext = { host: "here", duration_ms: 0, phases_ms: {} };

/** Texts that some shell or encoding would spoil. */
const ODD_TEXT = "a'b\"c\\n$HOME `id` !x %s\\047 ä€𝄞\ttab\n\nline  two\n";

async function exec(
  command: string,
  options: Partial<ShellRequest> = {},
  wrap?: (quoted: string) => string,
) {
  await using account = await logIn(wrap);
  return await runShell(account.connection, {
    command,
    env: {},
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    callContext: { ...callContext, phases_ms: {} },
    ...options,
  });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

for (const shell of LOGIN_SHELLS) {
  const { ignore, suffix, path } = needProgram(shell);
  Deno.test({
    name: `runShell() runs any text under the login shell ${shell}${suffix}`,
    ignore,
    async fn() {
      const command = `printf %s ${
        quote(ODD_TEXT)
      }; printf %s "$ODD" >&2; exit 3`;
      const result = await exec(
        command,
        { env: { ODD: ODD_TEXT } },
        (quoted) => `exec ${path} -c ${quoted}`,
      );
      assertEquals(result.status, "failed");
      assertEquals(result.result, {
        rc: 3,
        stdout: ODD_TEXT,
        stderr: ODD_TEXT,
      });
    },
  });
}

Deno.test("a shell that gets no script never counts as a command that ran", async () => {
  await assertRejects(
    () => exec("true", {}, (quoted) => `exec sh -c ${quoted} </dev/null`),
    ConnectError,
    "Cannot tell how the command on here ended: its shell ended too early",
  );
});

Deno.test("runShell() runs many lines, with functions and here-documents", async () => {
  const result = await exec(
    `greet() {\n  cat <<END\nhi $1\nEND\n}\nfor n in a b; do\n  greet $n\ndone # end`,
  );
  assertEquals(result.status, "ok");
  assertEquals(result.result, { rc: 0, stdout: "hi a\nhi b\n", stderr: "" });
});

Deno.test("runShell() runs a text that is too long for an argument", async () => {
  const text = "x".repeat(300_000);
  const result = await exec(`text=${text}; echo \${#text}`);
  assertEquals(result.result, { rc: 0, stdout: "300000\n", stderr: "" });
});

Deno.test("runShell() gives up on an account that prints without end", async () => {
  await assertRejects(
    () => exec("id", {}, () => "yes noise"),
    GateError,
    "more than 64 KiB",
  );
});

Deno.test("runShell() hides its own variables and descriptors from the command", async () => {
  const result = await exec(
    'printf "[%s]" "$#" "$c$g$k$x$t" "$IFS"; readlink /proc/$$/fd/0; ls -d /proc/$$/fd/3 2>&- && echo link; case $- in *f*) echo no globs;; esac',
  );
  const { stdout } = result.result as { stdout: string };
  assertEquals(stdout, "[0][][ \t\n]/dev/null\n");
});

Deno.test("runShell() puts the command into no argv", async () => {
  const result = await exec(
    `: secret-word; tr '\\0' ' ' < /proc/$$/cmdline`,
  );
  const { stdout } = result.result as { stdout: string };
  assert(stdout.length > 0);
  assert(!stdout.includes("secret-word"), stdout);
});

Deno.test("runShell() keeps what login files print out of the result", async () => {
  const result = await exec(
    "echo hi",
    {},
    (quoted) => `echo Welcome; echo oops >&2; exec sh -c ${quoted}`,
  );
  assertEquals(result.result, { rc: 0, stdout: "hi\n", stderr: "" });
});

Deno.test("runShell() tells bytes apart that are not UTF-8", async () => {
  const result = await exec("printf 'a\\377b'");
  assertEquals(result.result, { rc: 0, stdout: "a\udcffb", stderr: "" });
});

Deno.test("runShell() cuts long output, and reports how much", async () => {
  const result = await exec(
    "head -c 40000000 /dev/zero | tr '\\0' x; head -c 2000000 /dev/zero | tr '\\0' y >&2",
  );
  const { stdout, stderr } = result.result as Record<string, string>;
  assertEquals(stdout!.indexOf("\n"), 32 * 1024 * 1024);
  assertStringIncludes(stdout!, "[6445568 bytes more were left out]");
  assertEquals(stderr!.indexOf("\n"), 1024 * 1024);
});

Deno.test("runShell() reports output that its result does not hold", async () => {
  let reported = "";
  const result = await exec("seq 1 20000", {
    maxOutput: 1000,
    onOutput: ({ type, data }) => {
      if (type === "Output") reported += data.text;
    },
  });
  assertEquals(reported.length, 108_894);
  const { stdout } = result.result as Record<string, string>;
  assertEquals(
    stdout,
    `${reported.slice(0, 1000)}\n[107894 bytes more were left out]\n`,
  );
});

Deno.test("runShell() reports output while the command runs", async () => {
  const texts: string[] = [];
  await exec("echo one; echo two >&2", {
    onOutput: (event) => {
      if (event.type !== "Output") return;
      texts.push(`${event.data.stream}: ${event.data.text}`);
    },
  });
  assertEquals(texts.sort(), ["stderr: two\n", "stdout: one\n"]);
});

Deno.test("runShell() reports the signal that killed a command", async () => {
  const result = await exec("kill -9 $$");
  assertEquals(result.status, "failed");
  assertEquals(result.rc, null);
  assertEquals(result.error!.message, "The command was killed by signal KILL");
});

Deno.test("runShell() does not wait for a daemon that keeps the outputs open", async () => {
  await using account = await logIn();
  const result = await runShell(account.connection, {
    command: "setsid sleep 30 & echo $!",
    env: {},
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    callContext,
  });
  assertEquals(result.status, "ok");
  const pid = Number((result.result as { stdout: string }).stdout);
  // What a command leaves on purpose is left.
  assertEquals(await isRunning(pid), true);
  Deno.kill(pid, "SIGKILL");
});

Deno.test("runShell() ends the whole group at the deadline", async () => {
  const pids: number[] = [];
  const result = await exec("sleep 300 & echo $$ $!; wait", {
    timeoutMs: 300,
    onOutput: (event) => {
      if (event.type === "Output") {
        pids.push(...event.data.text.trim().split(" ").map(Number));
      }
    },
  });
  assertEquals(result.status, "timed_out");
  assertEquals(result.error, {
    kind: "call",
    phase: "call",
    message: "The command did not end by its deadline of 0.3 s",
    hint: null,
  });
  assertEquals(pids.length, 2);
  for (const pid of pids) assertEquals(await isRunning(pid), false);
});

Deno.test("runShell() kills a command that ignores TERM", async () => {
  const result = await exec(
    "trap '' TERM; echo $$; while :; do sleep 1; done",
    {
      timeoutMs: 300,
    },
  );
  assertEquals(result.status, "timed_out");
  const { stdout } = result.result as { stdout: string };
  assertEquals(await isRunning(Number(stdout)), false);
});

Deno.test("runShell() ends the command when it is cancelled", async () => {
  const controller = new AbortController();
  let pid = 0;
  const result = await exec("echo $$; exec sleep 300", {
    signal: controller.signal,
    onOutput: (event) => {
      if (event.type !== "Output") return;
      pid = Number(event.data.text);
      controller.abort();
    },
  });
  assertEquals(result.status, "cancelled");
  assertEquals(await isRunning(pid), false);
});

Deno.test("runShell() explains why an account runs no commands", async () => {
  const error = await assertRejects(
    () =>
      exec(
        "id",
        {},
        () => "echo This account is currently not available.; exit 1",
      ),
    GateError,
  );
  assertStringIncludes(error.hint!, "nologin");
});

Deno.test("runShell() refuses a NUL and invalid variable names", async () => {
  await assertRejects(() => exec("a\0b"), TypeError, "NUL");
  await assertRejects(
    () => exec("id", { env: { "a b": "" } }),
    TypeError,
    '"a b" is not a valid name',
  );
});

async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !/\) [ZX] /.test(stat);
  } catch {
    return false; // no such process
  }
}
