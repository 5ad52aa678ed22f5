// The transports of one fleet. Each is loaded when the first host needs it: ssh2
// takes longer to load than most commands take to run.
import { KILL_AFTER_MS } from "../../protocol/limits.ts";
import type { SshOptions } from "../../transport/ssh/ssh_transport.ts";
import type { Transport, TransportName } from "../../transport/transport.ts";

/** Loads and creates the transport of each name. */
const CREATE: Readonly<
  Record<TransportName, (options: SshOptions) => Promise<Transport>>
> = {
  ssh: createSsh,
  openssh: createOpenssh,
  local: createLocal,
};

/** Transports by their kind. */
export class Transports {
  readonly #ssh: SshOptions;
  readonly #made = new Map<TransportName, Promise<Transport>>();

  /** @param ssh options of both SSH transports. */
  constructor(ssh: SshOptions = {}) {
    this.#ssh = ssh;
  }

  /** The transport of a kind. */
  get(kind: TransportName): Promise<Transport> {
    let transport = this.#made.get(kind);
    if (transport === undefined) {
      transport = CREATE[kind](this.#ssh);
      this.#made.set(kind, transport);
    }
    return transport;
  }

  /** Closes all transports and their connections. */
  async close(): Promise<void> {
    for (const made of this.#made.values()) {
      try {
        (await made).close();
      } catch {
        // It could not be loaded; its users have the error.
      }
    }
  }
}

async function createLocal(): Promise<Transport> {
  const { createLocalTransport } = await import(
    "../../transport/local/local_transport.ts"
  );
  // A gate must outlive the calls that it kills.
  return createLocalTransport({ graceMs: KILL_AFTER_MS + 1_000 });
}

async function createOpenssh(
  options: SshOptions,
): Promise<Transport> {
  const openssh = await import("../../transport/openssh/openssh_transport.ts");
  return openssh.createOpensshTransport(options);
}

async function createSsh(options: SshOptions): Promise<Transport> {
  const ssh = await import("../../transport/ssh/ssh_transport.ts");
  return ssh.createSshTransport(options);
}
