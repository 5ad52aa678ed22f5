// An SSH server in this process for tests: it speaks real SSH, and misbehaves as
// a test needs. Commands run in a real /bin/sh.
import { join } from "@std/path";
import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, createServer, type Socket } from "node:net";
import process from "node:process";
import type { AuthContext, Connection, ServerChannel, Session } from "ssh2";
import * as ssh2 from "../../src/transport/ssh/library/ssh2.ts";
import type { Endpoint } from "../../src/transport/transport.ts";

/** How a server differs from a good one. */
export interface SshServerOptions {
  /** Its keys, as OpenSSH's private key files. Default: one new ed25519 key. */
  hostKeys?: readonly string[];
  /** Its software version. Default: ssh2's. */
  ident?: string;
  /** Default: accepts the key `identityFile`. */
  authenticate?: (context: AuthContext) => void;
  /** Gets each socket, and may serve it. Default: serves it. */
  onSocket?: (socket: Socket, serve: () => void) => void;
  /** Called with each connection that has logged in. */
  onReady?: (connection: Connection) => void;
  /** Drops new connections while this many have not logged in yet. */
  maxStartups?: number;
  /** How many sessions a connection may have open. Default: any number. */
  maxSessions?: number;
  /** Runs a command. Default: in /bin/sh, see `runInShell()`. */
  run?: (command: string, channel: ServerChannel) => void;
  /** Refuses to run any command. */
  refusesExec?: boolean;
  /** Never answers a request to run a command. */
  ignoresExec?: boolean;
  /** Never answers a request for a session. */
  ignoresSession?: boolean;
  /** Never answers a request for a terminal. */
  ignoresTerminal?: boolean;
  /** Closes the connection at the first login attempt. */
  hangsUpAtLogin?: boolean;
}

/** A running server. */
export interface SshServer {
  readonly port: number;
  /** `ssh-ed25519 AAAA…`, of its first key. */
  readonly hostKey: string;
  /** Lines for known_hosts, one for each of its keys. */
  readonly knownHosts: string;
  /** A private key file that it accepts, in a folder of its own. */
  readonly identityFile: string;
  readonly folder: string;
  /** How many sockets it has seen. */
  readonly sockets: number;
  /** How many login attempts there were. */
  readonly logins: number;
  /** The cipher of each handshake. */
  readonly ciphers: readonly string[];
  /** How many of them it has dropped because of `maxStartups`. */
  readonly dropped: number;
  /** The most connections that were open at once before their login. */
  readonly mostUnauthenticated: number;
  /** Where it is, for a transport. */
  endpoint(changes?: Partial<Endpoint>): Endpoint;
  /** Stops reading from all connections. */
  goDeaf(): void;
  /** Ends all connections silently. */
  breakOff(): void;
  stop(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startSshServer(
  options: SshServerOptions = {},
): Promise<SshServer> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-ssh-server-" });
  const user = generateKey();
  const identityFile = join(folder, "user_key");
  await Deno.writeTextFile(identityFile, user, { mode: 0o600 });
  const hostKeys = [
    ...options.hostKeys ??
      [generateKey()],
  ];
  const publicKeys = hostKeys.map(publicKeyLine);
  const counts = {
    sockets: 0,
    logins: 0,
    dropped: 0,
    unauthenticated: 0,
    most: 0,
  };
  const sockets = new Set<Socket>();
  const pending = new Set<Socket>();
  const ciphers: string[] = [];
  const children = new Set<ChildProcess>();
  const server = new ssh2.Server({
    hostKeys,
    ...(options.ident && { ident: options.ident }),
  });
  server.on("connection", (connection) => {
    // A client that lets go shows as `close` too; that is all we need.
    connection.on("error", () => {});
    const authenticate = options.authenticate ?? acceptKey(publicKeyLine(user));
    connection.on("authentication", (context) => {
      counts.logins++;
      if (options.hangsUpAtLogin) connection.end();
      else authenticate(context);
    });
    connection.once("handshake", ({ cs }) => ciphers.push(cs.cipher));
    connection.once("ready", () => options.onReady?.(connection));
    serveSessions(connection, { ...options, children });
  });
  const listener = createServer({ noDelay: true }, (socket) => {
    counts.sockets++;
    counts.unauthenticated++;
    counts.most = Math.max(counts.most, counts.unauthenticated);
    sockets.add(socket);
    socket.on("error", () => {}); // `close` follows
    const letIn = () => {
      if (pending.delete(socket)) counts.unauthenticated--;
    };
    pending.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      letIn();
    });
    const serve = () => {
      server.once(
        "connection",
        (connection) => connection.once("ready", letIn),
      );
      server.injectSocket(socket);
    };
    if (counts.unauthenticated > (options.maxStartups ?? Infinity)) {
      counts.dropped++;
      socket.destroy();
    } else if (options.onSocket) options.onSocket(socket, serve);
    else serve();
  });
  const port = await new Promise<number>((resolve) =>
    listener.listen(0, "127.0.0.1", () => {
      resolve((listener.address() as AddressInfo).port);
    })
  );
  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    hostKey: publicKeys[0]!,
    knownHosts: publicKeys.map((key) => `[127.0.0.1]:${port} ${key}\n`).join(
      "",
    ),
    identityFile,
    folder,
    ciphers,
    get sockets() {
      return counts.sockets;
    },
    get logins() {
      return counts.logins;
    },
    get dropped() {
      return counts.dropped;
    },
    get mostUnauthenticated() {
      return counts.most;
    },
    endpoint: (changes = {}) => ({
      name: "web1",
      transport: "ssh",
      address: "127.0.0.1",
      port,
      user: "deploy",
      identityFiles: [identityFile],
      ...changes,
    }),
    goDeaf: () => {
      for (const socket of sockets) socket.removeAllListeners("data").pause();
    },
    breakOff,
    stop: async () => {
      breakOff();
      await new Promise((resolve) => listener.close(resolve));
      await Promise.all([...children].map(ended));
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Runs a command, which like under sshd keeps running when its pipes close. */
export function runInShell(
  command: string,
  channel: ServerChannel,
): ChildProcess {
  const child = spawn("/bin/sh", ["-c", command], { detached: true });
  const { stdin, stdout, stderr } = child;
  stdin.on("error", () => {}); // it does not read: what is sent is dropped
  channel.on("error", () => {}); // `close` follows
  channel.stderr.on("error", () => {});
  channel.pipe(stdin);
  stdout.pipe(channel, { end: false });
  stderr.pipe(channel.stderr, { end: false });
  child.once("close", (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ""));
    else channel.exit(code ?? 255);
    channel.end();
  });
  // Not `close`: that waits until all that the client has sent is read.
  channel.once("finish", () => {
    stdin.destroy();
    stdout.destroy();
    stderr.destroy();
  });
  return child;
}

/** Kills a command with its process group. */
function kill(child: ChildProcess): void {
  child.stdin?.destroy();
  if (child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid!, "SIGKILL");
}

/**
 * Makes an ed25519 key. ssh2 loses the first byte of a public key when it is
 * zero, and then cannot read what it has made: one key in 256.
 */
export function generateKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

/** `ssh-ed25519 AAAA…` of a private key. */
export function publicKeyLine(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

/** Lets in who proves to have a key, and nobody else. */
export function acceptKey(publicKey: string): (context: AuthContext) => void {
  const allowed = ssh2.utils.parseKey(publicKey);
  if (allowed instanceof Error) throw allowed;
  return (context) => {
    if (
      context.method !== "publickey" ||
      !context.key.data.equals(allowed.getPublicSSH())
    ) return context.reject(["publickey"]);
    const { blob, signature, hashAlgo } = context;
    // Without a signature the client only asks whether this key would do.
    if (!blob || !signature || allowed.verify(blob, signature, hashAlgo)) {
      context.accept();
    } else context.reject(["publickey"]);
  };
}

function serveSessions(
  connection: Connection,
  options: SshServerOptions & { children: Set<ChildProcess> },
): void {
  const { maxSessions = Infinity, refusesExec, run, children } = options;
  const own = new Set<ChildProcess>();
  let open = 0;
  connection.once("close", () => own.forEach(kill));
  connection.on("session", (accept, reject) => {
    if (options.ignoresSession) return;
    if (open >= maxSessions) return reject();
    open++;
    const session: Session = accept();
    session.once("close", () => open--);
    if (options.ignoresTerminal) session.on("pty", () => {});
    session.on("exec", (acceptExec, rejectExec, { command }) => {
      if (options.ignoresExec) return;
      if (refusesExec) return rejectExec();
      if (run) return run(command, acceptExec());
      const child = runInShell(command, acceptExec());
      own.add(child);
      children.add(child);
      child.once("close", () => children.delete(child));
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("close", () => resolve()));
}
