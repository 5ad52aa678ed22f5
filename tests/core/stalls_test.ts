// Hosts that let us in and then stop at some step of a call. Every wait has a
// bound; the result says whether the call may have begun; and a cancel ends each
// of them at once.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { ServerChannel } from "ssh2";
import type { Call, HostResult } from "../../src/core/call.ts";
import { type FleetOptions, openFleet } from "../../src/core/fleet.ts";
import { collect, run } from "../../src/core/run.ts";
import { needProgram } from "../support/need.ts";
import {
  runInShell,
  type SshServerOptions,
  startSshServer,
} from "../support/ssh_server.ts";

/** How long a host may take to start a command here. */
const START_MS = 700;
/** What a cancelled run may take; the machine may be busy. */
const CANCEL_MS = 2_000;

const MODULES = {
  echo: "def main(**args):\n    return {'args': args}\n",
  // Larger than a window of SSH, and no two bytes of it compress to one.
  large: `# ${hexOf(3_000_000)}\ndef main(**args):\n    return {}\n`,
};

/** A call that stalls. */
interface Stall {
  readonly name: string;
  readonly server: SshServerOptions;
  readonly call: Partial<Call>;
  readonly fleet?: Partial<FleetOptions>;
  /** The result where nobody cancels; absent: it takes too long for a test. */
  readonly ends?: {
    status: HostResult["status"];
    phase: string;
    says: RegExp;
  };
}

/**
 * Runs a command and gives its output up to what matches; all behind it is
 * lost. `deaf`: from there on nothing of what we send is read either.
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
    // What the shell says of its end is behind the pattern too.
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

/** Says the sentinel as a shell would, and leaves the rest to `then`. */
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

const EXEC: Partial<Call> = { module: null, command: ["true"], timeoutMs: 300 };
const RUN: Partial<Call> = { module: "echo", timeoutMs: 300 };
const SHELL = /-sh\n/;
const UP = /-up\n/;
const HELLO = /-up\n.*"Hello".*\]/s;
const unstarted = {
  status: "unreachable",
  phase: "start",
  says: /has not answered for 0.7 s; nothing was begun there/,
} as const;
const shellSilent = {
  status: "unreachable",
  phase: "python",
  says: /shell has said nothing for 0.7 s; .* may still take effect/,
} as const;
const overdue = {
  status: "timed_out",
  phase: "call",
  says: /deadline of 0.3 s/,
} as const;
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
  },
  {
    name: "exec: an exit status, and outputs that never end",
    server: { run: afterSentinel((channel) => void channel.exit(0)) },
    call: EXEC,
    ends: { status: "ok", phase: "", says: /^$/ },
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
    call: { ...EXEC, command: ["true", "x".repeat(4_000_000)] },
    ends: shellSilent,
  },
  {
    name: "run: a session that is never opened",
    server: { ignoresSession: true },
    call: RUN,
    ends: { ...shellSilent, says: /nothing for 0.7 s$/ },
  },
  {
    name: "run: a request that is never answered",
    server: { ignoresExec: true },
    call: RUN,
    ends: { ...shellSilent, says: /nothing for 0.7 s$/ },
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
    name: "run: a sentinel that is said again and again",
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
    ends: { status: "unreachable", phase: "upload", says: /said "sh"/ },
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
  },
  {
    name: "run: a pack that is not read",
    server: { run: upTo(HELLO, { deaf: true }) },
    call: { ...RUN, module: "large" },
  },
  ...(["push", "fetch"] as const).flatMap((transfer): Stall[] => {
    const call: Partial<Call> = { module: null, transfer, timeoutMs: 300 };
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
        ends: { ...shellSilent, says: /nothing for 0.7 s$/ },
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
    fleet: { connection: { become: { enabled: true } } },
    ends: unstarted,
  },
  {
    name: "become: a prompt that never comes",
    server: silent,
    call: EXEC,
    fleet: { connection: { become: { enabled: true } } },
    ends: {
      status: "unreachable",
      phase: "become",
      says: /has neither asked for a password nor run the command/,
    },
  },
  {
    name: "become: a command that is let in and never ends",
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
    fleet: {
      connection: {
        become: { enabled: true, ask: () => Promise.resolve(undefined) },
      },
    },
  },
];

for (const stall of STALLS) {
  for (const connection of ["ssh", "openssh"] as const) {
    const need = connection === "ssh"
      ? { ignore: false, suffix: "" }
      : needProgram("ssh");
    if (stall.ends) {
      Deno.test({
        name: `${stall.name}, by ${connection}, has a bound${need.suffix}`,
        ignore: need.ignore,
        fn: async () => {
          const { result } = await runStalled(stall, connection);
          const { status, phase, says } = stall.ends!;
          const { error } = result;
          assertEquals(
            [result.status, error?.phase ?? ""],
            [status, phase],
            error?.message,
          );
          assertMatch(error?.message ?? "", says);
        },
      });
    }
    Deno.test({
      name: `${stall.name}, by ${connection}, ends with a cancel${need.suffix}`,
      ignore: need.ignore,
      fn: async () => {
        const { result, ms } = await runStalled(stall, connection, true);
        if (stall.ends?.status === "ok") return;
        assertEquals(result.status, "cancelled", result.error?.message);
        assert(ms < CANCEL_MS, `it took ${ms} ms`);
      },
    });
  }
}

/** Makes the call; `ms` is what passed between a cancel and the fleet's end. */
async function runStalled(
  { server: options, call, fleet: fleetOptions = {} }: Stall,
  connection: "ssh" | "openssh",
  isCancelled = false,
): Promise<{ result: HostResult; ms: number }> {
  const reached = Promise.withResolvers<void>();
  const server = await startSshServer({
    ...options,
    onReady: () => setTimeout(reached.resolve, 150),
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
  await Deno.writeTextFile(place("src"), hexOf(5_000_000));
  const fleet = await openFleet({
    hosts: [{
      name: "web1",
      groups: [],
      vars: { ansible_connection: connection },
    }],
    sources: { dirs: [place("modules")] },
    ...fleetOptions,
    connection: {
      port: server.port,
      user: "deploy",
      identityFiles: [server.identityFile],
      knownHostsFiles: [place("known_hosts")],
      ...fleetOptions.connection,
    },
    ssh: {
      config: place("config"),
      agentSocket: "",
      home: folder,
      connectTimeoutMs: 20_000,
      startMs: isCancelled ? 60_000 : START_MS,
    },
  });
  const abort = new AbortController();
  const args: Call["args"] = call.transfer
    ? { src: place("src"), dest: place("dest") }
    : call.args
    ? { _raw_params: place("src") }
    : {};
  let cancelledAt = 0;
  try {
    const running = collect(run(fleet, {
      module: null,
      ...call,
      args,
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

/** So many digits that no compression makes few of them. */
function hexOf(count: number): string {
  const bytes = new Uint8Array(count / 2);
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes.toHex();
}
