// Opens hosts with the ssh transport, and with the system's `ssh` those that have
// no algorithm in common with it: servers with post-quantum key exchange only.
import { findProgram } from "../../transport/openssh/find_program.ts";
import { noCommonAlgorithm } from "../../transport/ssh/login/server_refusals.ts";
import type {
  Connection,
  Endpoint,
  OpenOptions,
  Transport,
} from "../../transport/transport.ts";

/** The two transports, and what happens when the second one is needed. */
export interface FallbackOptions {
  readonly ssh: Transport;
  /** Loads the transport of the system's `ssh`. */
  readonly openssh: () => Promise<Transport>;
  /** Called before `ssh` is used, with the reason. */
  readonly onFallback: (endpoint: Endpoint, reason: string) => void;
  /** Called when `ssh` has reached a host. */
  readonly onReached: (endpoint: Endpoint, reason: string) => void;
}

/** The ssh transport, backed by the system's `ssh`. */
export class OpensshFallback implements Transport {
  readonly #options: FallbackOptions;

  constructor(options: FallbackOptions) {
    this.#options = options;
  }

  async open(endpoint: Endpoint, options: OpenOptions): Promise<Connection> {
    const { ssh, openssh, onFallback, onReached } = this.#options;
    try {
      return await ssh.open(endpoint, options);
    } catch (error) {
      const reason = noCommonAlgorithm(error)?.required;
      if (reason === undefined || !findProgram("ssh")) throw error;
      onFallback(endpoint, reason);
      const other = bySystem(endpoint, reason);
      try {
        const connection = await (await openssh()).open(other, options);
        onReached(endpoint, reason);
        return connection;
      } catch (second) {
        // The first error has ftl's algorithms, which can be set as well.
        throw noCommonAlgorithm(second) ? error : second;
      }
    }
  }

  close(): void {
    this.#options.ssh.close();
  }
}

/** The same host, for the system's `ssh`. */
export function bySystem(endpoint: Endpoint, reason: string): Endpoint {
  const { openssh } = endpoint;
  return {
    ...endpoint,
    transport: "openssh",
    ...(openssh && { openssh: { ...openssh, reason } }),
  };
}
