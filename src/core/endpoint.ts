// From a host of the inventory to the place where it is: what was said for all
// hosts, then its variables, then defaults. Nothing that is not rendered or
// makes no sense gets past here.
import { InventoryError } from "../errors.ts";
import { connectionSettings } from "../inventory/connection/settings.ts";
import type { Host } from "../inventory/inventory.ts";
import type { Endpoint } from "../transport/transport.ts";

/** What is said for all hosts and wins over their variables. */
export interface ConnectionOverrides {
  user?: string | undefined;
  port?: number | undefined;
  /** Private key files. */
  identityFiles?: readonly string[] | undefined;
  transport?: Endpoint["transport"] | undefined;
  /** The Python interpreter on the hosts. */
  python?: string | undefined;
}

/** How a host is reached, and which Python runs there. */
export interface Route {
  readonly endpoint: Endpoint;
  /** Undefined: the first that is found. */
  readonly python: string | undefined;
}

/** What to assume where neither the inventory nor the caller says. */
export interface RouteDefaults {
  /** The user who runs ftl. */
  user: string;
  /** For `~` in the names of key files. */
  home?: string | undefined;
}

/**
 * Says how a host is reached.
 *
 * @throws {InventoryError} that names the host and the variable.
 */
export async function resolveRoute(
  host: Host,
  overrides: ConnectionOverrides,
  defaults: RouteDefaults,
): Promise<Route> {
  const said = await connectionSettings(host);
  const transport = overrides.transport ?? said.connection ?? "ssh";
  if (transport === "openssh") {
    throw new InventoryError(
      `Cannot use ansible_connection of ${host.name}: there is no openssh yet`,
      { host: host.name, hint: "There are ssh and local." },
    );
  }
  const ownKeys = said.identityFile === undefined ? [] : [said.identityFile];
  return {
    endpoint: {
      name: host.name,
      transport,
      address: said.address ?? host.name,
      port: overrides.port ?? said.port ?? 22,
      user: overrides.user ?? said.user ?? defaults.user,
      identityFiles: (overrides.identityFiles ?? ownKeys)
        .map((file) => expandHome(file, defaults.home)),
    },
    python: overrides.python ?? said.pythonInterpreter,
  };
}

/** What tells one host and user from another, whatever its name is. */
export function routeKey({ endpoint }: Route): string {
  const { transport, user, address, port } = endpoint;
  return transport === "ssh"
    ? `${user}@${address}:${port}`
    : `${transport}:${user}@${endpoint.name}`;
}

function expandHome(file: string, home: string | undefined): string {
  return home !== undefined && file.startsWith("~/")
    ? home + file.slice(1)
    : file;
}
