// A real nats-server for tests: JetStream, a folder of its own, a free port of the
// loopback device. It can be killed, and started again on the same port with what
// it has stored.
import { join } from "@std/path";
import { freePort } from "./free_port.ts";
import {
  makeCertificates,
  makeNatsKey,
  type NatsCertificates,
  type NatsKey,
} from "./nats_credentials.ts";
import { needProgram } from "./need.ts";
import { removeFolder } from "./remove_folder.ts";

/** Whether this machine has a NATS server. */
export const natsNeed = needProgram("nats-server");

/** Whom a server lets in. */
export type NatsAccess = "everybody" | "password" | "nkey" | "tls";

/** How a server differs from the plain one. */
export interface NatsServerOptions {
  /** Default: everybody. */
  readonly access?: NatsAccess;
  /** The address that it listens at. Default: 127.0.0.1. */
  readonly address?: string;
  /** How much JetStream may store, as in `64MB`. Default: 256MB. */
  readonly maxStore?: string;
  /** The longest message, as in `1MB`. Default: the server's own. */
  readonly maxPayload?: string;
  /** More lines for its settings file. */
  readonly settings?: readonly string[];
  /** A command that starts it, in the process that it becomes. */
  readonly wrapper?: readonly string[];
}

/** A running server. */
export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:PORT`, or `tls://…`, without credentials. */
  readonly url: string;
  readonly port: number;
  /** The folder of its files; gone after `stop`. */
  readonly folder: string;
  /** Set with the access `password`. */
  readonly login: { readonly user: string; readonly password: string };
  /** Set with the access `nkey`. */
  readonly key: NatsKey | undefined;
  /** Set with the access `tls`. */
  readonly certificates: NatsCertificates | undefined;
  /** The process. */
  readonly pid: number;
  /** What it has logged since it was last started. */
  log(): string;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port and with the same store. */
  restart(): Promise<void>;
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
}

const LOGIN = { user: "ftl", password: "pass word of NATS" } as const;

/** Starts a server and waits until it listens. */
export async function startNatsServer(
  options: NatsServerOptions = {},
): Promise<NatsServer> {
  const { access = "everybody", address = "127.0.0.1" } = options;
  const folder = await Deno.makeTempDir({ prefix: "ftl-nats-" });
  const key = access === "nkey" ? await makeNatsKey() : undefined;
  const certificates = access === "tls"
    ? await makeCertificates(folder)
    : undefined;
  const settings = join(folder, "nats.conf");
  const start = async (port: number) => {
    const lines = [
      `listen: "${address}:${port}"`,
      ...storeLines(folder, options),
      ...accessLines({ access, key, certificates }),
      ...options.settings ?? [],
    ];
    await Deno.writeTextFile(settings, lines.join("\n") + "\n");
    return await launch(settings, options.wrapper ?? []);
  };
  let port = freePort();
  let running = await start(port);
  for (let tries = 1; running === undefined && tries < 5; tries++) {
    port = freePort();
    running = await start(port);
  }
  if (running === undefined) throw new Error("Cannot find a port for NATS");
  let server = running;
  const stop = async () => {
    await server.end("SIGTERM");
    await removeFolder(folder);
  };
  return {
    url: `${access === "tls" ? "tls" : "nats"}://${address}:${port}`,
    port,
    folder,
    login: LOGIN,
    key,
    certificates,
    get pid() {
      return server.pid;
    },
    log: () => server.log(),
    kill: () => server.end("SIGKILL"),
    restart: async () => {
      const again = await start(port);
      if (again === undefined) throw new Error(`Port ${port} was taken`);
      server = again;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function storeLines(folder: string, options: NatsServerOptions): string[] {
  const { maxStore = "256MB", maxPayload } = options;
  return [
    `jetstream { store_dir: "${join(folder, "store")}"`,
    `  max_memory_store: ${maxStore}`,
    `  max_file_store: ${maxStore} }`,
    ...maxPayload === undefined ? [] : [`max_payload: ${maxPayload}`],
  ];
}

function accessLines({ access, key, certificates }: {
  access: NatsAccess;
  key: NatsKey | undefined;
  certificates: NatsCertificates | undefined;
}): string[] {
  if (access === "password") {
    const { user, password } = LOGIN;
    return [`authorization { user: "${user}", password: "${password}" }`];
  }
  if (key !== undefined) {
    return [`authorization { users: [ { nkey: ${key.user} } ] }`];
  }
  if (certificates === undefined) return [];
  return [
    `tls { cert_file: "${certificates.serverCert}"`,
    `  key_file: "${certificates.serverKey}"`,
    `  ca_file: "${certificates.ca}"`,
    "  verify: true }",
  ];
}

interface RunningServer {
  readonly pid: number;
  log(): string;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts a server; undefined when its port was taken. */
async function launch(
  settings: string,
  wrapper: readonly string[],
): Promise<RunningServer | undefined> {
  const words = [
    // It ends with this process, even when that is killed.
    ...["setpriv", "--pdeathsig", "KILL", "--"],
    ...wrapper,
    ...[natsNeed.path, "-c", settings],
  ];
  const server = new Deno.Command(words[0]!, {
    args: words.slice(1),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  const ready = Promise.withResolvers<boolean>();
  const drained = server.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        log += text;
        if (log.includes("Server is ready")) ready.resolve(true);
      },
      close: () => ready.resolve(false),
    }),
  );
  if (!await ready.promise) {
    await drained;
    await server.status;
    if (log.includes("address already in use")) return undefined;
    throw new Error(`Cannot start nats-server: ${log.trim()}`);
  }
  const status = server.status;
  let ended = false;
  status.then(() => ended = true);
  return {
    pid: server.pid,
    log: () => log,
    end: async (signal) => {
      if (!ended) server.kill(signal);
      await status;
      await drained;
    },
  };
}
