// A real OpenSSH server for tests, with keys of its own in a folder of its own.
// It listens on the loopback device only, on a free port, and answers for every
// address of 127.0.0.0/8 there.
import { join } from "@std/path";
import { freePort } from "./free_port.ts";
import { needProgram } from "./need.ts";

/** Whether this machine has OpenSSH's server. */
export const sshdNeed = needProgram("sshd");

/** How a server differs from the plain one. */
export interface SshdOptions {
  /**
   * Lines for sshd_config; the first of several with one keyword counts.
   * `%FOLDER%` stands for the server's folder.
   */
  config?: readonly string[];
  /** `Match` blocks, which must stand at the end of sshd_config. */
  matches?: readonly string[];
  /** A command that starts it, in the process that it becomes. */
  wrapper?: readonly string[];
}

/** A running server. */
export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** The folder of its files; gone after `stop`. */
  readonly folder: string;
  /** The private key that it lets in. */
  readonly identityFile: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  /** The listening process. */
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  /** Ends it and its open sessions, and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it listens. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-sshd-" });
  await Promise.all(
    ["host_key", "user_key"].map((name) =>
      output(
        "ssh-keygen",
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-f",
        join(folder, name),
      )
    ),
  );
  // As root, sshd wants the folder that its start script makes.
  if (Deno.uid() === 0) await Deno.mkdir("/run/sshd", { recursive: true });
  const hostKey = await Deno.readTextFile(join(folder, "host_key.pub"));
  for (let attempt = 1;; attempt++) {
    const port = freePort();
    const config = join(folder, "sshd_config");
    await Deno.writeTextFile(config, configText(folder, port, options));
    const server = await listenAs(config, options.wrapper ?? []);
    if (server === undefined && attempt < 5) continue; // the port was taken
    if (server === undefined) throw new Error("Cannot find a port for sshd");
    return {
      port,
      user: (await output("id", "-un")).trim(),
      folder,
      identityFile: join(folder, "user_key"),
      hostKey: hostKey.split(" ").slice(0, 2).join(" ").trim(),
      pid: server.process.pid,
      log: server.log,
      stop: async () => {
        await server.stop();
        await Deno.remove(folder, { recursive: true });
      },
    };
  }
}

function configText(
  folder: string,
  port: number,
  { config = [], matches = [] }: SshdOptions,
): string {
  return [
    ...config.map((line) => line.replaceAll("%FOLDER%", folder)),
    `Port ${port}`,
    // Bound to the device: all of 127.0.0.0/8 by one socket, and nobody else.
    "ListenAddress 0.0.0.0 rdomain lo",
    `HostKey ${join(folder, "host_key")}`,
    `AuthorizedKeysFile ${join(folder, "user_key.pub")}`,
    "PidFile none",
    "PermitRootLogin yes",
    "StrictModes no",
    "UsePAM no",
    "UseDNS no",
    "PrintMotd no",
    "Subsystem sftp internal-sftp",
    ...matches,
    "",
  ].join("\n");
}

/** A server that listens. */
export interface Listening {
  readonly process: Deno.ChildProcess;
  /** What it has logged so far. */
  log(): string;
  /** Ends it and its sessions. */
  stop(): Promise<void>;
}

/**
 * Starts a server with a file of sshd_config, and waits until it listens.
 * Undefined when its port was taken.
 */
export async function listenAs(
  config: string,
  wrapper: readonly string[],
): Promise<Listening | undefined> {
  const words = [
    // It ends with this process, even when that is killed.
    ...["setpriv", "--pdeathsig", "TERM", "--"],
    ...wrapper,
    ...[sshdNeed.path, "-D", "-e", "-f", config],
  ];
  const process = new Deno.Command(words[0]!, {
    args: words.slice(1),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  const listening = Promise.withResolvers<boolean>();
  const drained = process.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        log += text;
        if (log.includes("Server listening on")) listening.resolve(true);
      },
      close: () => listening.resolve(false),
    }),
  );
  if (!await listening.promise) {
    await drained;
    if (log.includes("Address already in use")) return undefined;
    throw new Error(`Cannot start sshd: ${log.trim()}`);
  }
  const stop = async () => {
    // It collects its sessions itself; not every machine's init would.
    const until = Date.now() + 2000;
    for (let left = [0]; left.length > 0 && Date.now() < until;) {
      left = await descendantsOf(process.pid);
      left.forEach(kill);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const pid of [process.pid, ...await descendantsOf(process.pid)]) {
      kill(pid);
    }
    await process.status;
    await drained;
  };
  return { process, log: () => log, stop };
}

/** The processes below one, at any depth. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)
    .catch(() => ""); // it is gone, and its children with it
  const children = text.split(" ").map(Number).filter((pid) => pid > 0);
  const others = await Promise.all(children.map(descendantsOf));
  return [...children, ...others.flat()];
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGTERM");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function output(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!success) {
    throw new Error(`Cannot run ${program}: ${text.decode(stderr).trim()}`);
  }
  return text.decode(stdout);
}
