// From a host of the inventory to the place where it is. What was said for all
// hosts wins over its variables, these over ssh_config, and that over defaults.
// Nothing that is not rendered or makes no sense gets past here.
import { InventoryError } from "../errors.ts";
import {
  type BecomeSettings,
  type ConnectionSettings,
  connectionSettings,
} from "../inventory/connection/settings.ts";
import type { Host } from "../inventory/inventory.ts";
import type { Secret } from "../inventory/secret.ts";
import {
  type ConfiguredEndpoint,
  configureEndpoint,
} from "../transport/ssh_config/endpoint.ts";
import type { Condition, Directive } from "../transport/ssh_config/parse.ts";
import type { Endpoint, SshHostSettings } from "../transport/transport.ts";
import type { Become, BecomeOverrides } from "./become/become.ts";
import { readSshWords } from "./ssh_words.ts";
import type { RouteSurroundings } from "./surroundings.ts";

/** What is said for all hosts and wins over their variables. */
export interface ConnectionOverrides {
  user?: string | undefined;
  port?: number | undefined;
  /** Private key files. */
  identityFiles?: readonly string[] | undefined;
  transport?: Endpoint["transport"] | undefined;
  /** The Python interpreter on the hosts. */
  python?: string | undefined;
  /** What to do about a host that is not known; for hosts on the way too. */
  hostKeys?: SshHostSettings["hostKeys"];
  /** Files that hosts are known by; for hosts on the way too. */
  knownHostsFiles?: readonly string[] | undefined;
  /** From name to authenticated, in milliseconds; on the way too. */
  connectTimeoutMs?: number | undefined;
  /** Whether and how commands run as another user. */
  become?: BecomeOverrides | undefined;
}

/** How a host is reached, and which Python runs there. */
export interface Route {
  readonly endpoint: Endpoint;
  /** Undefined: the first that is found. */
  readonly python: string | undefined;
  /** The one that its variables give. */
  readonly password: Secret | undefined;
  /** What its variables say of becoming another user. */
  readonly become: BecomeSettings;
  /** Lines of ssh_config that are not followed. */
  readonly ignored: readonly (Directive | Condition)[];
}

/**
 * Says how a host is reached.
 *
 * @throws {InventoryError} that names the host and the variable, or the file
 * and line.
 */
export async function resolveRoute(
  host: Host,
  overrides: ConnectionOverrides,
  surroundings: RouteSurroundings,
): Promise<Route> {
  const said = await connectionSettings(host, {
    becomeMethod: overrides.become?.method,
  });
  const transport = overrides.transport ?? said.connection ?? "ssh";
  if (transport === "openssh") {
    throw new InventoryError(
      `Cannot use ansible_connection of ${host.name}: there is no openssh yet`,
      { host: host.name, hint: "There are ssh and local." },
    );
  }
  const python = overrides.python ?? said.pythonInterpreter;
  const { password, become } = said;
  if (transport === "local") {
    const endpoint: Endpoint = {
      name: host.name,
      transport,
      address: said.address ?? host.name,
      port: overrides.port ?? said.port ?? 22,
      user: overrides.user ?? said.user ?? surroundings.localUser,
      identityFiles: [],
    };
    return { endpoint, python, password, become, ignored: [] };
  }
  try {
    const { endpoint, ignored } = findWay(host, {
      said,
      overrides,
      surroundings,
    });
    return { endpoint, ignored, python, password, become };
  } catch (cause) {
    const { NotFound } = Deno.errors;
    if (!(cause instanceof SyntaxError || cause instanceof NotFound)) {
      throw cause;
    }
    throw new InventoryError(cause.message, { host: host.name, cause });
  }
}

/**
 * The way to a host by SSH, and the lines of ssh_config that say so.
 *
 * @throws {SyntaxError} with file and line, when ssh_config makes no sense.
 */
export function findWay(
  { name }: Host,
  { said, overrides, surroundings }: {
    said: ConnectionSettings;
    overrides: ConnectionOverrides;
    surroundings: RouteSurroundings;
  },
): ConfiguredEndpoint {
  const words = readSshWords(said.sshArgs);
  const ownKey = said.identityFile === undefined
    ? undefined
    : [said.identityFile];
  const { endpoint, ...lines } = configureEndpoint(
    surroundings.configs(words.config),
    {
      name,
      address: said.address ?? name,
      user: overrides.user ?? said.user,
      port: overrides.port ?? said.port,
      identityFiles: (overrides.identityFiles ?? ownKey)
        ?.map((file) => file.replace(/^~(?=\/)/, surroundings.home)),
      own: words.own,
    },
    surroundings,
  );
  const { hostKeyChecking, connectTimeoutMs } = said;
  const ssh = defined({
    hostKeys: hostKeyChecking === undefined
      ? undefined
      : hostKeyChecking
      ? "check" as const
      : "off" as const,
    connectTimeoutMs,
  });
  const forAll = defined({
    hostKeys: overrides.hostKeys,
    knownHostsFiles: overrides.knownHostsFiles,
    connectTimeoutMs: overrides.connectTimeoutMs,
  });
  return {
    endpoint: {
      ...endpoint,
      ssh: { ...endpoint.ssh, ...ssh, ...forAll },
      ...(endpoint.jumps && {
        jumps: endpoint.jumps.map((jump) => ({
          ...jump,
          ssh: { ...jump.ssh, ...forAll },
        })),
      }),
    },
    ...lines,
  };
}

/** The settings that were given. */
function defined(settings: SshHostSettings): SshHostSettings {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  );
}

/** What tells one user of a host from another, whatever the host's name is. */
export function routeKey(route: Route, become?: Become): string {
  const login = loginKey(route);
  return become === undefined ? login : `${login} as ${become.user}`;
}

function loginKey({ endpoint }: Route): string {
  const { transport, name, jumps = [], proxyCommand } = endpoint;
  if (transport !== "ssh") return `${transport}:${endpoint.user}@${name}`;
  // Addresses of a private network mean others behind another bastion.
  const through = proxyCommand === undefined ? [] : [proxyCommand];
  const stops = [...jumps, endpoint]
    .map(({ user, address, port }) => `${user}@${address}:${port}`);
  return [...through, ...stops].join(" ");
}
