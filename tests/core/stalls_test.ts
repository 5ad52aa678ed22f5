// Hosts that let us in and then stop at some step of a call. Every wait has a
// bound; the result says whether the call may have begun; and a cancel ends each
// of them at once.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { ServerChannel } from "ssh2";
import type {
  Call,
  CallSettings,
  HostResult,
  ModuleCall,
  ShellCall,
} from "../../src/core/call/call.ts";
import type { BecomeOverrides } from "../../src/core/become/become.ts";
import { openHostFleet } from "../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../src/core/run/run.ts";
import { needProgram } from "../support/need.ts";
import {
  runInShell,
  type SshServerOptions,
  startSshServer,
} from "../support/ssh_server.ts";

/** How long a host may take to start a command here. */
const START_MS = 2_500;
/** How long a host that is become may take to let in, and to become. */
const BECOME_MS = 3_000;
/** For calls that must not reach their deadline: the machine may be busy. */
const UNHURRIED_MS = 60_000;
/** What a cancelled run may take: two seconds, and some for a busy machine. */
const CANCEL_GRACE_MS = 2_500;

const MODULES = {
  echo: "def main(**args):\n    return {'args': args}\n",
  // Larger than a window of SSH, and no two bytes of it compress to one.
  large: `# ${hexOf(3_000_000)}\ndef main(**args):\n    return {}\n`,
};

/** More than a window of SSH, too. */
const CONTENT = MODULES.large;

/** A call that stalls. */
interface Stall {
  readonly name: string;
  readonly server: SshServerOptions;
  readonly call: StalledCall;
  readonly become?: BecomeOverrides;
  /** The result without a cancel. */
  readonly ends?: {
    status: HostResult["status"];
    phase: string;
    says: RegExp;
    /** Only after the seconds that a host is given to end what it runs. */
    isSlow?: boolean;
  };
  /** It ends too soon to be cancelled. */
  readonly isBrief?: boolean;
}

/**
 * Runs a command and returns its output up to the match; the rest is
 * dropped. `deaf`: after the match, nothing of our input is read either.
 */
function upTo(
  pattern: RegExp,
  { deaf = false }: { deaf?: boolean } = {},
): NonNullable<SshServerOptions["run"]> {
  return (command, channel) => {
    let said = "";
    const write = channel.write.bind(channel);
    channel.write = ((chunk: Uint8Array | string) => {
      if (pattern.test(said)) return true;
      const before = said.length;
      said += typeof chunk === "string"
        ? chunk
        : new TextDecoder("latin1").decode(chunk);
      const match = pattern.exec(said);
      if (match === null) return write(chunk);
      const text = said.slice(before, match.index + match[0].length);
      if (deaf) {
        channel.unpipe();
        channel.pause();
      }
      return write(text, "latin1");
    }) as typeof write;
    // The shell's end comes after the pattern too, and is dropped.
    channel.exit = () => true;
    channel.end = () => channel;
    const child = runInShell(command, channel);
    channel.once("close", () => {
      try {
        Deno.kill(-child.pid!, "SIGKILL");
      } catch {
        // It has ended with its input.
      }
    });
  };
}

/** A call whose files are those of the test. */
type StalledCall =
  & Pick<CallSettings, "timeoutMs">
  & Partial<Pick<ModuleCall, "module" | "args"> & ShellCall>
  & { readonly transfer?: "push" | "fetch" };

function callOf(
  { transfer, module, args, command }: StalledCall,
  place: (name: string) => string,
): Call {
  const files = { src: place("src"), dest: place("dest") };
  if (transfer === "push") return { push: files };
  if (transfer === "fetch") return { fetch: files };
  if (module === undefined) return { command: command ?? [] };
  return { module, args: args ? { _raw_params: place("src") } : {} };
}

function afterSentinel(then: (channel: ServerChannel) => void) {
  return (command: string, channel: ServerChannel) => {
    const nonce = /ftl-([0-9a-f]{32})/.exec(command)![1]!;
    channel.on("error", () => {});
    channel.resume();
    channel.write(`ftl-${nonce}-sh\n`);
    channel.stderr.write(`ftl-${nonce}-sh\n`);
    then(channel);
  };
}

const EXEC: StalledCall = { command: ["true"], timeoutMs: 300 };
const RUN: StalledCall = { module: "echo", timeoutMs: 300 };
const SHELL = /-sh\n/;
const UP = /-up\n/;
const HELLO = /-up\n.*?"Hello".*?, ?0\]/s;
const unstarted = {
  status: "unreachable",
  phase: "start",
  says: /did not answer within 2.5 s; nothing was started there/,
} as const;
const shellSilent = {
  status: "unreachable",
  phase: "python",
  says:
    /shell has (?:said|printed) nothing for 2.5 s; .* may still take effect/,
} as const;
const overdue = {
  status: "timed_out",
  phase: "call",
  says: /deadline of 0.3 s/,
} as const;
const slow = { ...overdue, isSlow: true } as const;
const silent = { run: () => {} } satisfies SshServerOptions;

/** Answers of a shell that a push or fetch talks to, and then silence. */
const answers = (count: number, deaf = false) =>
  upTo(new RegExp(`(?:\\n[0-9a-f]{32} 0\\n[^]*?){${count}}`), { deaf });

const STALLS: readonly Stall[] = [
  {
    name: "exec: a session that is never opened",
    server: { ignoresSession: true },
    call: EXEC,
    ends: unstarted,
  },
  {
    name: "exec: a request that is never answered",
    server: { ignoresExec: true },
    call: EXEC,
    ends: unstarted,
  },
  {
    name: "exec: a shell that never comes",
    server: silent,
    call: EXEC,
    ends: shellSilent,
  },
  {
    name: "exec: outputs and an end that never come",
    server: { run: upTo(SHELL) },
    call: EXEC,
    ends: slow,
  },
  {
    name: "exec: an exit status, and outputs that never end",
    server: { run: afterSentinel((channel) => void channel.exit(0)) },
    call: EXEC,
    ends: { status: "ok", phase: "", says: /^$/ },
    isBrief: true,
  },
  {
    name: "exec: outputs that end, and no exit status",
    server: { run: afterSentinel((channel) => void eof(channel)) },
    call: EXEC,
  },
  {
    name: "exec: a command larger than a window that is never widened",
    server: {
      run: (_, channel) => void channel.pause(),
    },
    call: { ...EXEC, command: ["true", "x".repeat(2_500_000)] },
    ends: shellSilent,
  },
  {
    name: "run: a session that is never opened",
    server: { ignoresSession: true },
    call: RUN,
    ends: { ...shellSilent, says: /nothing for 2.5 s$/ },
  },
  {
    name: "run: a request that is never answered",
    server: { ignoresExec: true },
    call: RUN,
    ends: { ...shellSilent, says: /nothing for 2.5 s$/ },
  },
  {
    name: "run: a shell that never comes",
    server: silent,
    call: RUN,
    ends: shellSilent,
  },
  {
    name: "run: an upload that is not read",
    server: { run: upTo(SHELL, { deaf: true }) },
    call: RUN,
  },
  {
    name: "run: a sentinel that is printed again and again",
    server: {
      run: (command, channel) => {
        const nonce = /ftl-([0-9a-f]{32})/.exec(command)![1]!;
        channel.on("error", () => {});
        channel.resume();
        const timer = setInterval(
          () => channel.write(`ftl-${nonce}-sh\n`),
          50,
        );
        channel.once("close", () => clearInterval(timer));
      },
    },
    call: RUN,
    ends: {
      status: "unreachable",
      phase: "upload",
      says: /unexpected line "sh"/,
    },
    isBrief: true,
  },
  {
    name: "run: a gate that never greets",
    server: { run: upTo(UP) },
    call: RUN,
  },
  {
    name: "run: a call that is never answered",
    server: { run: upTo(HELLO) },
    call: RUN,
    ends: slow,
  },
  {
    name: "run: a pack that is not read",
    server: { run: upTo(HELLO, { deaf: true }) },
    call: { ...RUN, module: "large" },
    ends: slow,
  },
  ...(["push", "fetch"] as const).flatMap((transfer): Stall[] => {
    const call: StalledCall = { transfer, timeoutMs: 300 };
    return [
      {
        name: `${transfer}: a session that is never opened`,
        server: { ignoresSession: true },
        call: { ...call, timeoutMs: 60_000 },
        ends: unstarted,
      },
      {
        name: `${transfer}: a shell that never comes`,
        server: silent,
        call: { ...call, timeoutMs: 60_000 },
        ends: { ...shellSilent, says: /nothing for 2.5 s$/ },
      },
      {
        name: `${transfer}: a first question that is never answered`,
        server: { run: upTo(SHELL) },
        call,
        ends: overdue,
      },
      {
        name: `${transfer}: content that stops in its midst`,
        server: { run: answers(1, true) },
        call: { ...call, timeoutMs: 600 },
        ends: { ...overdue, says: /deadline of 0.6 s/ },
      },
    ];
  }),
  {
    name: "copy: a file that is not read",
    server: {
      run: (command, channel) =>
        /bootstrap|python/.test(command)
          ? void runInShell(command, channel)
          : afterSentinel((channel) => void channel.pause())(command, channel),
    },
    call: { module: "script", args: { _raw_params: "SRC" }, timeoutMs: 300 },
    ends: { ...overdue, says: /The file was not on the host by the deadline/ },
  },
  {
    name: "become: an exec that is never answered",
    server: { ignoresExec: true },
    call: EXEC,
    become: { enabled: true },
    ends: unstarted,
  },
  {
    name: "become: a prompt that never comes",
    server: silent,
    call: EXEC,
    become: { enabled: true },
    ends: {
      status: "unreachable",
      phase: "become",
      says: /neither asked for a password nor ran the command/,
    },
  },
  {
    name: "become: a user who is let in, and whose shell never comes",
    server: {
      run: (command, channel) => {
        const nonce = /ftl-([0-9a-f]{32})/.exec(command)![1]!;
        channel.on("error", () => {});
        channel.resume();
        for (const word of ["sh", "in"]) {
          channel.write(`ftl-${nonce}-${word}\n`);
          channel.stderr.write(`ftl-${nonce}-${word}\n`);
        }
      },
    },
    call: EXEC,
    become: { enabled: true, ask: () => Promise.resolve(undefined) },
    // Becoming has as long as connecting, and the shell its own time after it.
    ends: {
      ...shellSilent,
      says: /nothing for 5.5 s; .* may still take effect/,
    },
  },
];

const sshNeed = needProgram("ssh");
const CONNECTIONS: readonly Kind[] = sshNeed.ignore
  ? ["ssh"]
  : ["ssh", "openssh"];
type Kind = "ssh" | "openssh";

const bounded = Map.groupBy(
  STALLS.filter(({ ends }) => ends !== undefined),
  ({ name, ends }) => ends?.isSlow ? "slow" : name.split(":")[0]!,
);

for (const [what, stalls] of bounded) {
  const name = what === "slow"
    ? "calls that do not end after their deadline are given up"
    : `every wait of ${what} on a host that stalls has a bound`;
  Deno.test(name, () => Promise.all(stalls.map(checkEnd)).then(() => {}));
}

for (const stall of STALLS) {
  if (stall.isBrief) continue;
  Deno.test(`${stall.name}: ends with a cancel`, async () => {
    await Promise.all(CONNECTIONS.map(async (connection) => {
      const { result, ms } = await runStalled(stall, connection, true);
      assertEquals(result.status, "cancelled", result.error?.message);
      assert(ms < CANCEL_GRACE_MS, `it took ${ms} ms by ${connection}`);
    }));
  });
}

async function checkEnd(stall: Stall): Promise<void> {
  const { status, phase, says } = stall.ends!;
  await Promise.all(CONNECTIONS.map(async (connection) => {
    const { result } = await runStalled(stall, connection);
    const message = result.error?.message ?? "";
    assertEquals(
      [result.status, result.error?.phase ?? ""],
      [status, phase],
      `${stall.name}, by ${connection}: ${message}`,
    );
    assertMatch(message, says);
  }));
}

/** Makes the call; `ms` is what passed between a cancel and the fleet's end. */
async function runStalled(
  { server: options, call, become, ends }: Stall,
  connection: Kind,
  isCancelled = false,
): Promise<{ result: HostResult; ms: number }> {
  const isShort = !isCancelled &&
    (ends?.phase === "start" || ends?.phase === "python");
  const reached = Promise.withResolvers<void>();
  const server = await startSshServer({
    ...options,
    onReady: () => setTimeout(reached.resolve, 100),
  });
  const { folder } = server;
  const place = (name: string) => join(folder, name);
  await Deno.writeTextFile(place("known_hosts"), server.knownHosts);
  await Deno.writeTextFile(
    place("config"),
    `Host web1\n  HostName 127.0.0.1\n  IdentitiesOnly yes\n`,
  );
  await Deno.mkdir(place("modules"));
  for (const [name, text] of Object.entries(MODULES)) {
    await Deno.writeTextFile(place(`modules/${name}.py`), text);
  }
  await Deno.writeTextFile(place("src"), CONTENT);
  const fleet = await openHostFleet({
    hosts: [{
      name: "web1",
      groups: [],
      vars: { ansible_connection: connection },
    }],
    sources: { dirs: [place("modules")] },
    connection: {
      port: server.port,
      user: "deploy",
      identityFiles: [server.identityFile],
      knownHostsFiles: [place("known_hosts")],
      // Bounds becoming too.
      connectTimeoutMs: become && !isCancelled ? BECOME_MS : UNHURRIED_MS,
      ...(become && { become }),
    },
    ssh: {
      config: place("config"),
      agentSocket: "",
      home: folder,
      startMs: isShort ? START_MS : UNHURRIED_MS,
    },
  });
  const abort = new AbortController();
  let cancelledAt = 0;
  try {
    const running = collect(run(fleet, {
      ...callOf(call, place),
      timeoutMs: isCancelled ? 60_000 : call.timeoutMs!,
    }, { signal: abort.signal, keepOpen: false }));
    if (isCancelled) {
      await Promise.race([reached.promise, running]);
      cancelledAt = performance.now();
      abort.abort(new DOMException("Interrupted", "AbortError"));
    }
    const { results } = await running;
    await fleet.close();
    const ms = performance.now() - cancelledAt;
    return { result: results.get("web1")!, ms };
  } finally {
    await fleet.close();
    await server.stop();
  }
}

function eof(channel: ServerChannel): void {
  (channel as unknown as { eof(): void }).eof();
}

/** Hex digits that do not compress well. */
function hexOf(count: number): string {
  const bytes = new Uint8Array(count / 2);
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes.toHex();
}
