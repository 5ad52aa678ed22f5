// From a host of the inventory to the place where it is. What was hostSettings for all
// hosts wins over its variables, these over ssh_config, and that over defaults.
// Nothing that is not rendered or makes no sense gets past here.
import { resolve } from "@std/path";
import { InventoryError } from "../../errors.ts";
import {
  type BecomeSettings,
  type ConnectionSettings,
  connectionSettings,
} from "../../inventory/connection/connection_settings.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { Secret } from "../../inventory/secret_value.ts";
import {
  type ConfiguredEndpoint,
  configureEndpoint,
} from "../../transport/ssh_config/resolve_endpoint.ts";
import {
  type Choice,
  chooseTransport,
  notFollowed,
} from "../../transport/openssh/choose_transport.ts";
import type {
  Condition,
  Directive,
} from "../../transport/ssh_config/parse_config.ts";
import type { Endpoint, SshHostSettings } from "../../transport/transport.ts";
import type { Become, BecomeOverrides } from "../become/become.ts";
import { readSshArgs } from "./ssh_args.ts";
import type { ControllerEnv } from "./controller_env.ts";

/** What is hostSettings for all hosts and wins over their variables. */
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
export interface HostRoute {
  readonly endpoint: Endpoint;
  /** Undefined: the first that is found. */
  readonly python: string | undefined;
  /** The one that its variables give. */
  readonly password: Secret | undefined;
  /** What its variables say of becoming another user. */
  readonly become: BecomeSettings;
  /** Lines of ssh_config that are not followed. */
  readonly ignored: readonly (Directive | Condition)[];
  /** Why it is the system's `ssh` that connects, if nobody has asked for it. */
  readonly reason: string | undefined;
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
  controllerEnv: ControllerEnv,
): Promise<HostRoute> {
  const hostSettings = await connectionSettings(host, {
    becomeMethod: overrides.become?.method,
  });
  const transport = overrides.transport ?? hostSettings.connection ?? "ssh";
  const python = overrides.python ?? hostSettings.pythonInterpreter;
  const { password, become } = hostSettings;
  if (transport === "local") {
    const endpoint: Endpoint = {
      name: host.name,
      transport,
      address: hostSettings.address ?? host.name,
      port: overrides.port ?? hostSettings.port ?? 22,
      user: overrides.user ?? hostSettings.user ?? controllerEnv.localUser,
      identityFiles: [],
    };
    return {
      endpoint,
      python,
      password,
      become,
      ignored: [],
      reason: undefined,
    };
  }
  try {
    const asked = overrides.transport ??
      (transport === "openssh" ? transport : undefined);
    const way = findSshRoute(host, { hostSettings, overrides, controllerEnv });
    const choice = await choose(way, { asked, controllerEnv });
    const { endpoint, ignored } = way;
    return {
      endpoint: {
        ...endpoint,
        transport: choice.transport,
        ...(choice.reason !== undefined && endpoint.openssh && {
          openssh: { ...endpoint.openssh, reason: choice.reason },
        }),
      },
      ignored: notFollowed(ignored, choice.transport),
      reason: choice.reason,
      python,
      password,
      become,
    };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new InventoryError(cause.message, { host: host.name, cause });
  }
}

/** Chooses the transport that can do what a host and those before it need. */
async function choose(
  { endpoint, ignored, lines, jumpLines }: ConfiguredEndpoint,
  { asked, controllerEnv: { means } }: {
    asked: Endpoint["transport"] | undefined;
    controllerEnv: ControllerEnv;
  },
): Promise<Choice> {
  const stops = [...endpoint.jumps ?? [], endpoint];
  const authorities = await Promise.all(
    stops.map((stop) => means?.authorityOf(stop)),
  );
  const { identityFiles, ssh = {} } = endpoint;
  // A key that was named is the one that was meant.
  const asksAgent = identityFiles.length === 0 && !ssh.identitiesOnly;
  return chooseTransport({
    asked: asked === "local" ? undefined : asked,
    ignored,
    kerberos: [lines, ...jumpLines]
      .flatMap((each) => each.get("gssapiauthentication") ?? []),
    hasTicket: means?.hasTicket() ?? false,
    keys: stops.flatMap((stop) => means?.keysFor(stop) ?? []),
    agentKeys: asksAgent ? await means?.agentKeys(ssh.agentSocket) ?? [] : [],
    authority: authorities.find((place) => place !== undefined),
  });
}

/**
 * The way to a host by SSH, and the lines of ssh_config that say so.
 *
 * @throws {SyntaxError} with file and line, when ssh_config makes no sense.
 */
export function findSshRoute(
  { name }: Host,
  { hostSettings, overrides, controllerEnv }: {
    hostSettings: ConnectionSettings;
    overrides: ConnectionOverrides;
    controllerEnv: ControllerEnv;
  },
): ConfiguredEndpoint {
  const words = readSshArgs(hostSettings.sshArgs);
  const ownKey = hostSettings.identityFile === undefined
    ? undefined
    : [hostSettings.identityFile];
  const named = (overrides.identityFiles ?? ownKey)
    ?.map((file) => file.replace(/^~(?=\/)/, controllerEnv.home));
  const { endpoint, ...lines } = configureEndpoint(
    controllerEnv.configs(words.config),
    {
      name,
      address: hostSettings.address ?? name,
      user: overrides.user ?? hostSettings.user,
      port: overrides.port ?? hostSettings.port,
      identityFiles: named,
      own: words.own,
    },
    controllerEnv,
  );
  const { hostKeyChecking, connectTimeoutMs } = hostSettings;
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
      openssh: {
        destination: hostSettings.address ?? name,
        user: overrides.user ?? hostSettings.user,
        port: overrides.port ?? hostSettings.port,
        identityFiles: named,
        options: [
          // It would go out of our sight; only a new ssh knows the keyword.
          ...(lines.lines.has("forkafterauthentication")
            ? ["forkafterauthentication no"]
            : []),
          ...words.own.flatMap((line) =>
            line.kind === "set" ? [`${line.keyword} ${line.rest}`] : []
          ),
        ],
        forAll,
        config: configPath(
          words.config ?? controllerEnv.config,
          controllerEnv.home,
        ),
      },
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

/** What `ssh` takes for an included file lies in `~/.ssh`, unless it is absolute. */
function configPath(
  file: string | undefined,
  home: string,
): string | undefined {
  if (file === undefined || file === "none") return file;
  return resolve(file.replace(/^~(?=\/)/, home));
}

/** The settings that were given. */
function defined(settings: SshHostSettings): SshHostSettings {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  );
}

/** What tells one user of a host from another, whatever the host's name is. */
export function routeKey(route: HostRoute, become?: Become): string {
  const login = loginKey(route);
  return become === undefined ? login : `${login} as ${become.user}`;
}

function loginKey({ endpoint }: HostRoute): string {
  const { transport, name, jumps = [], proxyCommand } = endpoint;
  if (transport === "local") return `${transport}:${endpoint.user}@${name}`;
  // Addresses of a private network mean others behind another bastion.
  const through = proxyCommand === undefined ? [] : [proxyCommand];
  const stops = [...jumps, endpoint]
    .map(({ user, address, port }) => `${user}@${address}:${port}`);
  return [...through, ...stops].join(" ");
}
