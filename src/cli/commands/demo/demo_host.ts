// A host of `ftl demo`: an SSH server in this process that runs commands with the
// real /bin/sh, in a HOME of its own. ftl treats it like any other host. When a
// connection ends, its commands lose their input and output, as under OpenSSH, and
// are killed if that does not end them.
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  spawn,
} from "node:child_process";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Readable, Writable } from "node:stream";
import type {
  AuthContext,
  Connection,
  ParsedKey,
  ServerChannel,
} from "../../../transport/ssh/library/ssh2.ts";
import * as ssh2 from "../../../transport/ssh/library/ssh2.ts";
import { KILL_AFTER_MS } from "../../../protocol/limits.ts";
import { generateKeyPair } from "./key_pair.ts";

/** How long a gate may take to end its calls: TERM, KILL, and a margin. */
const GRACE_MS = KILL_AFTER_MS + 2_000;

/** One running host. */
export interface DemoHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  /** HOME of the commands, and the folder that they start in. */
  readonly home: string;
  /** Ends its connections, and waits for their commands. */
  close(): Promise<void>;
}

/**
 * Starts a host on a free port of 127.0.0.1.
 *
 * @param options `home`: a folder to create; `clientKey`: the only public key
 * that can log in.
 */
export async function startDemoHost(
  name: string,
  { home, clientKey }: { home: string; clientKey: string },
): Promise<DemoHost> {
  await Deno.mkdir(home, { mode: 0o700 });
  const allowed = parseKey(clientKey);
  const hostKey = generateKeyPair();
  const connections = new Set<Connection>();
  const commands = new Set<Promise<void>>();
  const ssh = new ssh2.Server({ hostKeys: [hostKey.private] });
  ssh.on("connection", (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    connection.on("error", () => {}); // `close` follows
    connection.on("authentication", (auth) => authenticate(auth, allowed));
    connection.on("session", (acceptSession) => {
      const session = acceptSession();
      session.on("exec", (accept, _reject, { command }) => {
        const ended = runCommand(command, { channel: accept(), home });
        commands.add(ended);
        ended.then(() => commands.delete(ended));
      });
    });
  });
  const server = createServer({ noDelay: true }, (socket) => {
    ssh.injectSocket(socket);
  });
  return {
    name,
    address: "127.0.0.1",
    port: await listen(server),
    hostKey: hostKey.public,
    home,
    close: async () => {
      server.close();
      for (const connection of connections) connection.end();
      await Promise.all(commands);
    },
  };
}

function parseKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

function authenticate(auth: AuthContext, allowed: ParsedKey): void {
  if (
    auth.method !== "publickey" || !auth.key.data.equals(allowed.getPublicSSH())
  ) {
    return auth.reject(["publickey"]);
  }
  const { blob, signature, hashAlgo } = auth;
  // Without a signature, the client only asks whether the key is acceptable.
  if (blob === undefined || signature === undefined) return auth.accept();
  if (allowed.verify(blob, signature, hashAlgo) === true) auth.accept();
  else auth.reject(["publickey"]);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Runs a command line on a channel; settles when its process has ended. */
function runCommand(
  command: string,
  { channel, home }: { channel: ServerChannel; home: string },
): Promise<void> {
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: home,
    detached: true, // a process group of its own, to be killed as one
    env: {
      HOME: home,
      LOGNAME: "demo",
      USER: "demo",
      SHELL: "/bin/sh",
      PATH: Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
    },
  });
  const { stdin, stdout, stderr } = child;
  stdin.on("error", () => {}); // the command no longer reads: drop its input
  channel.on("error", () => {}); // `close` follows
  channel.pipe(stdin);
  const sent = sendOutputs(child, channel);
  child.on("close", async (code, signal) => {
    await sent;
    if (signal === null) channel.exit(code ?? 1);
    else channel.exit(signal.replace("SIG", ""), false, "");
    channel.end();
  });
  return new Promise((resolve) => {
    let killTimer: ReturnType<typeof setTimeout> | undefined;
    let running = true;
    const end = () => {
      running = false;
      clearTimeout(killTimer);
      resolve();
    };
    child.on("exit", end);
    child.on("error", () => {
      end(); // it could not be started
      channel.close();
    });
    channel.on("close", () => {
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
      if (running) killTimer = setTimeout(() => killGroup(child), GRACE_MS);
    });
  });
}

/**
 * Sends both outputs of a command, one chunk at a time. The server of ssh2 1.17
 * never forgets a blocked write of an output, and wakes only one of the two
 * (CHANNEL_WINDOW_ADJUST in lib/server.js): if both wait for the window, it hangs
 * or repeats bytes. So only one waits at a time, and its state is reset after.
 */
async function sendOutputs(
  { stdout, stderr }: ChildProcessWithoutNullStreams,
  channel: ServerChannel,
): Promise<void> {
  const noWrite = { _chunk: undefined, _chunkcb: undefined };
  let turn = Promise.resolve();
  const write = (sink: Writable, chunk: Uint8Array) =>
    new Promise<void>((resolve) => {
      sink.write(chunk, () => {
        Object.assign(channel, noWrite);
        resolve();
      });
    });
  const send = async (source: Readable, sink: Writable) => {
    for await (const chunk of source) {
      turn = turn.then(() => write(sink, chunk));
      await turn;
    }
  };
  // A stream that fails was destroyed because the channel closed.
  await Promise.allSettled([
    send(stdout, channel),
    send(stderr, channel.stderr),
  ]);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) Deno.kill(-pid, "SIGKILL");
  } catch {
    // The whole group has already ended.
  }
}
