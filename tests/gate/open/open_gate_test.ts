import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ConnectError, GateError } from "../../../src/errors.ts";
import {
  openGate,
  type OpenGateOptions,
} from "../../../src/gate/open/open_gate.ts";
import type { Channel } from "../../../src/protocol/channel.ts";
import type { Reply } from "../../../src/protocol/message.ts";
import type { Connection } from "../../../src/transport/transport.ts";
import { needPython, SUPPORTED } from "../../support/interpreters.ts";
import { needProgram } from "../../support/need.ts";
import { logIn, LOGIN_SHELLS, makeArchive } from "../login_shell.ts";

const archive = await makeArchive();
const echo = {
  type: "Call",
  data: { module: "echo", args: { a: "ä" } },
} as const;

function open(connection: Connection, options: Partial<OpenGateOptions> = {}) {
  return openGate(connection, {
    archive,
    hasArchive: false,
    signal: new AbortController().signal,
    ...options,
  });
}

function valueOf(reply: Reply) {
  return reply.type === "Result" ? reply.data.value : reply;
}

async function refusal(
  wrap: (quoted: string) => string,
  options: Partial<OpenGateOptions> = {},
): Promise<GateError> {
  await using account = await logIn(wrap);
  return await assertRejects(
    () => open(account.connection, options),
    GateError,
  );
}

for (const shell of LOGIN_SHELLS) {
  const { ignore, suffix, path } = needProgram(shell);
  Deno.test({
    name: `openGate() opens a gate in the login shell ${shell}${suffix}`,
    ignore,
    async fn() {
      await using account = await logIn((quoted) =>
        `exec ${path} -c ${quoted}`
      );
      const gate = await open(account.connection);
      assertEquals(valueOf(await gate.channel.call(echo)), {
        args: { a: "ä" },
      });
      assertEquals(gate.noise, "");
      await gate.close();
    },
  });
}

Deno.test("openGate() reports its phases in order, and the bytes sent", async () => {
  await using account = await logIn();
  const phases: string[] = [];
  const gate = await open(account.connection, {
    onPhase: (phase) => phases.push(phase),
  });
  assertEquals(phases, ["python", "upload", "start"]);
  assertEquals(gate.uploaded, true);
  assert(gate.bytesSent > archive.bytes.length);
  const before = gate.bytesSent;
  await gate.channel.call(echo);
  assert(gate.bytesSent > before);
  await gate.close();
});

Deno.test("openGate() does not send an archive that the host has", async () => {
  await using account = await logIn();
  await (await open(account.connection)).close();
  const gate = await open(account.connection, { hasArchive: true });
  assertEquals(gate.uploaded, false);
  assert(gate.bytesSent < archive.bytes.length);
  assertEquals(valueOf(await gate.channel.call(echo)), { args: { a: "ä" } });
  await gate.close();
});

Deno.test("openGate() sends the archive after its calls when the hint was wrong", async () => {
  await using account = await logIn();
  const replies: Promise<Reply>[] = [];
  const gate = await open(account.connection, {
    hasArchive: true,
    // Its own: another one may be in a folder outside of HOME.
    archive: await makeArchive({ "site/unique.txt": crypto.randomUUID() }),
    onChannel: (channel) => replies.push(channel.call(echo)),
  });
  assertEquals(gate.uploaded, true);
  assertEquals(valueOf(await replies[0]!), { args: { a: "ä" } });
  await gate.close();
});

Deno.test("openGate() sends a large archive only when the host asks", async () => {
  await using account = await logIn();
  const noise = Array.from({ length: 400_000 }, () => Math.random()).join();
  const large = await makeArchive({ "site/large.txt": noise });
  assert(large.bytes.length > 1024 * 1024);
  const phases: string[] = [];
  const gate = await open(account.connection, {
    archive: large,
    onPhase: (phase) => phases.push(phase),
  });
  assertEquals(phases, ["python", "start", "upload", "start"]);
  assertEquals(valueOf(await gate.channel.call(echo)), { args: { a: "ä" } });
  await gate.close();
});

Deno.test("openGate() skips what login files print, and keeps it", async () => {
  await using account = await logIn((quoted) =>
    `echo Welcome; printf 'no newline '; echo oops >&2; exec sh -c ${quoted}`
  );
  const gate = await open(account.connection);
  assertEquals(gate.noise, "Welcome\nno newline ");
  await gate.close();
});

Deno.test("openGate() gives up on a host that prints without end", async () => {
  const error = await refusal(() => "yes noise");
  assertEquals(error.phase, "python");
  assertStringIncludes(error.message, "more than 64 KiB");
  assertStringIncludes(error.hint!, ".bashrc");
});

Deno.test("openGate() gives up on a host whose shell is silent", async () => {
  await using account = await logIn(() => "exec sleep 60");
  const error = await assertRejects(
    () => open({ ...account.connection, startMs: 50 }),
    GateError,
  );
  assertEquals(error.phase, "python");
  assertStringIncludes(
    error.message,
    "Cannot open the gate: the host's shell has printed nothing for 0.05 s",
  );
  assertStringIncludes(error.message, "may still take effect");
});

Deno.test("openGate() gives up on a Python that is silent", async () => {
  await using account = await logIn();
  const python = `${account.home}/python`;
  await Deno.writeTextFile(python, "#!/bin/sh\nexec sleep 60\n", {
    mode: 0o755,
  });
  const error = await assertRejects(
    () =>
      open(account.connection, {
        python,
        silenceMs: 50,
      }),
    GateError,
  );
  assertEquals(error.phase, "start");
  assertStringIncludes(error.message, "the host's Python has printed nothing");
});

Deno.test("openGate() names the interpreters that it tried", async () => {
  const error = await refusal((quoted) => `exec sh -c ${quoted}`, {
    python: "/nowhere/python3",
  });
  assertEquals(error.phase, "python");
  assertEquals(
    error.message,
    "Cannot find Python on the host: tried /nowhere/python3",
  );
  assertEquals(error.hint, "Correct ansible_python_interpreter");
});

for (const version of SUPPORTED) {
  const { ignore, suffix, path } = needPython(version);
  Deno.test({
    name: `openGate() makes a gate of Python ${version}${suffix}`,
    ignore,
    async fn() {
      await using account = await logIn();
      const gate = await open(account.connection, { python: path });
      assertEquals(gate.hello.python.split(".").slice(0, 2).join("."), version);
      assertEquals(valueOf(await gate.channel.call(echo)), {
        args: { a: "ä" },
      });
      await gate.close();
    },
  });
}

const old = needPython("2.7");
Deno.test({
  name: `openGate() refuses a Python that is too old${old.suffix}`,
  ignore: old.ignore,
  async fn() {
    const error = await refusal((quoted) => `exec sh -c ${quoted}`, {
      python: old.path,
    });
    assertEquals(error.phase, "python");
    assertMatch(
      error.message,
      /^Cannot use the host's Python: \S*python\S* is 2\.7\.\d+, and a gate needs 3\.6 or later$/,
    );
  },
});

const REFUSING = [
  {
    account: "whose shell is nologin",
    shell: "echo This account is currently not available.; exit 1",
    printed: "This account is currently not available.",
    hint: "nologin",
  },
  {
    account: "for SFTP only",
    shell: "echo This service allows sftp connections only.; exit 1",
    printed: "This service allows sftp connections only.",
    hint: "only SFTP",
  },
  {
    account: "with a restricted shell",
    shell: "bash -rc 'exec /bin/sh'",
    printed: "restricted",
    hint: "restricted",
  },
  {
    account: "with a forced command",
    shell: "echo backup 1.2; exit 0",
    printed: "backup 1.2",
    hint: "forced command",
  },
  {
    account: "that ends silently",
    shell: "exit 7",
    printed: "status 7 and printed nothing",
    hint: "forced command",
  },
];

for (const { account, shell, printed, hint } of REFUSING) {
  Deno.test(`openGate() explains an account ${account}`, async () => {
    const error = await refusal(() => shell);
    assertEquals(error.phase, "python");
    assertStringIncludes(error.message, printed);
    assertStringIncludes(error.hint!, hint);
  });
}

Deno.test("openGate() shows the end of stderr of a Python that dies", async () => {
  await using account = await logIn();
  const python = `${account.home}/python`;
  await Deno.writeTextFile(
    python,
    "#!/bin/sh\necho No module named zlib >&2\nexit 3\n",
    { mode: 0o755 },
  );
  const error = await assertRejects(
    () => open(account.connection, { python }),
    GateError,
  );
  assertEquals(error.phase, "start");
  assertEquals(
    error.message,
    "Cannot start the gate: Python ended with status 3: No module named zlib",
  );
});

Deno.test("openGate() reports an archive that was damaged on the way", async () => {
  const error = await refusal((quoted) => `exec sh -c ${quoted}`, {
    archive: { id: "0".repeat(64), bytes: archive.bytes },
  });
  assertEquals(error.phase, "upload");
  assertStringIncludes(error.message, "damaged");
});

Deno.test("openGate() rejects with the signal's reason when it is aborted", async () => {
  await using account = await logIn(() => "exec sleep 60");
  const controller = new AbortController();
  const opening = open(account.connection, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => opening, Error, "enough");
});

Deno.test("openGate() fails early calls when the opening fails", async () => {
  await using account = await logIn(() => "exit 1");
  let channel: Channel | undefined;
  let call: Promise<Reply> | undefined;
  const opening = open(account.connection, {
    onChannel: (made) => {
      channel = made;
      call = made.call(echo);
      call.catch(() => {});
    },
  });
  const error = await assertRejects(() => opening, GateError);
  assertEquals(await assertRejects(() => call!), error);
  assertEquals(await channel!.closed, error);
});

Deno.test("a gate's calls fail when its process is killed", async () => {
  await using account = await logIn();
  const gate = await open(account.connection);
  Deno.kill(gate.hello.pid, "SIGKILL");
  const error = await gate.channel.closed;
  assertInstanceOf(error, ConnectError);
  assertEquals(error.phase, "call");
  assertStringIncludes(error.message, "ended with signal KILL");
  await gate.close();
});

Deno.test("close() ends the gate", async () => {
  await using account = await logIn();
  const gate = await open(account.connection);
  await gate.close();
  assert(!(await isRunning(gate.hello.pid)));
  await assertRejects(() => gate.channel.call(echo), ConnectError);
});

async function isRunning(pid: number): Promise<boolean> {
  const { success } = await new Deno.Command("kill", {
    args: ["-0", String(pid)],
    stderr: "null",
  }).output();
  return success;
}
