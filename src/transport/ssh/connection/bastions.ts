// The hosts on the way to other hosts. Each has one shared connection, opened for
// the first host that needs it, and opened again after it was lost.
import { ConnectError } from "../../../errors.ts";
import type { Endpoint } from "../../transport.ts";
import type { SshConnection } from "./ssh_connection.ts";

/** The shared connections of a run. */
export class Bastions {
  readonly #open: (endpoint: Endpoint) => Promise<SshConnection>;
  readonly #connections = new Map<string, Promise<SshConnection>>();

  /** @param open opens a connection that all hosts share */
  constructor(open: (endpoint: Endpoint) => Promise<SshConnection>) {
    this.#open = open;
  }

  /**
   * The connection to the last bastion before an endpoint; undefined when the
   * endpoint has no bastion. The signal ends only the wait.
   *
   * @throws {ConnectError} that names both.
   */
  async before(
    endpoint: Endpoint,
    signal: AbortSignal,
  ): Promise<SshConnection | undefined> {
    const jumps = endpoint.jumps ?? [];
    const last = jumps.at(-1);
    if (last === undefined) return undefined;
    const connection = this.#to({ ...last, jumps: jumps.slice(0, -1) });
    try {
      return await unlessAborted(connection, signal);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      const { phase, hint, mayPass, message } = error;
      throw new ConnectError(
        `Cannot reach ${endpoint.name} through ${last.name}: ${message}`,
        { phase, host: endpoint.name, hint, mayPass, cause: error },
      );
    }
  }

  #to(bastion: Endpoint): Promise<SshConnection> {
    const key = routeOf(bastion);
    let connection = this.#connections.get(key);
    if (connection === undefined) {
      connection = this.#open(bastion);
      this.#connections.set(key, connection);
      const forget = () => this.#connections.delete(key);
      connection.then(({ closed }) => closed.then(forget), forget);
    }
    return connection;
  }
}

/** The key of a route: the host and its jumps. */
export function routeOf({ user, address, port, jumps = [] }: Endpoint): string {
  const hops = [...jumps, { user, address, port }];
  return hops.map((hop) => `${hop.user}@${hop.address} ${hop.port}`).join(
    " > ",
  );
}

/** The first bastion of an endpoint, or the endpoint itself. */
export function nearestOf(endpoint: Endpoint): string {
  return routeOf({ ...(endpoint.jumps?.[0] ?? endpoint), jumps: [], user: "" });
}

function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() =>
      signal.removeEventListener("abort", abort)
    );
  });
}
