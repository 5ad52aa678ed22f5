// Finds how a host of the inventory is reached. Settings for all hosts win over
// its variables, these over ssh_config, and that over defaults. An invalid value
// or a template that is not rendered is an error here.
import { resolve } from "@std/path";
import { InventoryError } from "../../errors.ts";
import { isAutomatic } from "../../gate/open/python_command.ts";
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
import {
  type Endpoint,
  SSH_DEFAULTS,
  type SshHostSettings,
} from "../../transport/transport.ts";
import type { Become, BecomeOverrides } from "../become/become.ts";
import { loginKey } from "../../transport/login_memory.ts";
import { bySystem } from "./openssh_fallback.ts";
import { readSshArgs } from "./ssh_args.ts";
import type { ControllerEnv } from "./controller_env.ts";

/** Settings for all hosts; they win over the hosts' variables. */
export interface ConnectionOverrides {
  user?: string | undefined;
  port?: number | undefined;
  /** Private key files. */
  identityFiles?: readonly string[] | undefined;
  transport?: Endpoint["transport"] | undefined;
  /** The Python interpreter on the hosts. */
  python?: string | undefined;
  /** Whether nothing of ours is put on the hosts' disks. */
  inMemory?: boolean | undefined;
  /** What to do about unknown host keys; for bastions too. */
  hostKeys?: SshHostSettings["hostKeys"];
  /** Files of known host keys; for bastions too. */
  knownHostsFiles?: readonly string[] | undefined;
  /** From resolving the name to the login, in ms; for bastions too. */
  connectTimeoutMs?: number | undefined;
  /** Whether and how calls run as another user. */
  become?: BecomeOverrides | undefined;
}

/** How a host is reached, and which Python runs there. */
export interface HostRoute {
  readonly endpoint: Endpoint;
  /** Undefined: the first that is found. An error: why no gate can be opened. */
  readonly python: string | InventoryError | undefined;
  /** Whether nothing of ours is put on its disks. */
  readonly inMemory: boolean;
  /** The login password in its variables. */
  readonly password: Secret | undefined;
  /** Whether and how to become another user, from its variables. */
  readonly become: BecomeSettings;
  /** Lines of ssh_config that are not followed. */
  readonly ignored: readonly (Directive | Condition)[];
  /** Why the system's `ssh` connects; undefined when it was chosen or does not. */
  readonly reason: string | undefined;
  /** Whether the system's `ssh` may connect where the ssh transport cannot. */
  readonly mayFallBack: boolean;
}

/** A route, and what it was made from. */
export interface RouteDecision {
  readonly route: HostRoute;
  /** The settings in the host's variables. */
  readonly hostSettings: ConnectionSettings;
  /** Undefined for the transport `local`. */
  readonly sshRoute: ConfiguredEndpoint | undefined;
}

/**
 * Finds how a host is reached.
 *
 * @throws {InventoryError} that names the host and the variable, or the file
 *   and line.
 */
export async function resolveRoute(
  host: Host,
  overrides: ConnectionOverrides,
  controllerEnv: ControllerEnv,
): Promise<HostRoute> {
  return (await decideRoute(host, overrides, controllerEnv)).route;
}

/**
 * Finds how a host is reached, and returns what the route was made from.
 *
 * @throws {InventoryError} as `resolveRoute()`.
 */
export async function decideRoute(
  host: Host,
  overrides: ConnectionOverrides,
  controllerEnv: ControllerEnv,
): Promise<RouteDecision> {
  const hostSettings = await connectionSettings(host, {
    becomeMethod: overrides.become?.method,
  });
  const transport = overrides.transport ?? hostSettings.connection ?? "ssh";
  const named = overrides.python ?? hostSettings.pythonInterpreter;
  const isOurs = typeof named === "string" && isAutomatic(named);
  const python = isOurs ? undefined : named;
  const { password, become } = hostSettings;
  const inMemory = overrides.inMemory ?? hostSettings.inMemory ?? false;
  if (transport === "local") {
    const endpoint: Endpoint = {
      name: host.name,
      transport,
      address: hostSettings.address ?? host.name,
      port: overrides.port ?? hostSettings.port ?? SSH_DEFAULTS.port,
      user: overrides.user ?? hostSettings.user ?? controllerEnv.localUser,
      identityFiles: [],
    };
    const route: HostRoute = {
      ...{ endpoint, python, inMemory, password, become },
      ignored: [],
      reason: undefined,
      mayFallBack: false,
    };
    return { route, hostSettings, sshRoute: undefined };
  }
  try {
    const asked = overrides.transport ??
      (transport === "openssh" ? transport : undefined);
    const sshRoute = findSshRoute(host, {
      hostSettings,
      overrides,
      controllerEnv,
    });
    const choice = await choose(sshRoute, { asked, controllerEnv });
    const { endpoint, ignored } = sshRoute;
    const route: HostRoute = {
      endpoint: choice.reason === undefined
        ? { ...endpoint, transport: choice.transport }
        : bySystem(endpoint, choice.reason),
      ignored: notFollowed(ignored, choice.transport),
      reason: choice.reason,
      mayFallBack: asked === undefined && choice.transport === "ssh",
      ...{ python, inMemory, password, become },
    };
    return { route, hostSettings, sshRoute };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new InventoryError(cause.message, { host: host.name, cause });
  }
}

/** Chooses the transport that can do what a host and its bastions need. */
async function choose(
  { endpoint, ignored, lines, jumpLines }: ConfiguredEndpoint,
  { asked, controllerEnv: { credentials, needsOpenssh } }: {
    asked: Endpoint["transport"] | undefined;
    controllerEnv: ControllerEnv;
  },
): Promise<Choice> {
  const stops = [...endpoint.jumps ?? [], endpoint];
  const authorities = await Promise.all(
    stops.map((stop) => credentials?.authorityOf(stop)),
  );
  const { identityFiles, ssh = {} } = endpoint;
  // With a named key, the agent's keys are not used.
  const asksAgent = identityFiles.length === 0 && !ssh.identitiesOnly;
  return chooseTransport({
    asked: asked === "local" ? undefined : asked,
    ignored,
    kerberos: [lines, ...jumpLines]
      .flatMap((each) => each.get("gssapiauthentication") ?? []),
    hasTicket: credentials?.hasTicket() ?? false,
    keys: stops.flatMap((stop) => credentials?.keysFor(stop) ?? []),
    agentKeys: asksAgent
      ? await credentials?.agentKeys(ssh.agentSocket) ?? []
      : [],
    authority: authorities.find((place) => place !== undefined),
    remembered: needsOpenssh?.(endpoint),
  });
}

/**
 * The route to a host by SSH, and the lines of ssh_config that it follows.
 *
 * @throws {SyntaxError} with file and line, when ssh_config is invalid.
 */
function findSshRoute(
  { name }: Host,
  { hostSettings, overrides, controllerEnv }: {
    hostSettings: ConnectionSettings;
    overrides: ConnectionOverrides;
    controllerEnv: ControllerEnv;
  },
): ConfiguredEndpoint {
  const sshArgs = readSshArgs(hostSettings.sshArgs);
  const ownKey = hostSettings.identityFile === undefined
    ? undefined
    : [hostSettings.identityFile];
  const named = (overrides.identityFiles ?? ownKey)
    ?.map((file) => file.replace(/^~(?=\/)/, controllerEnv.home));
  const { endpoint, ...lines } = configureEndpoint(
    controllerEnv.configs(sshArgs.config),
    {
      name,
      address: hostSettings.address ?? name,
      user: overrides.user ?? hostSettings.user,
      port: overrides.port ?? hostSettings.port,
      identityFiles: named,
      own: sshArgs.own,
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
          // ssh would leave our process group. Only a new ssh has the keyword.
          ...(lines.lines.has("forkafterauthentication")
            ? ["forkafterauthentication no"]
            : []),
          ...sshArgs.own.flatMap((line) =>
            line.kind === "set" ? [`${line.keyword} ${line.rest}`] : []
          ),
        ],
        forAll,
        config: configPath(
          sshArgs.config ?? controllerEnv.config,
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

/** An absolute path: `ssh` would look for a relative one in `~/.ssh`. */
function configPath(
  file: string | undefined,
  home: string,
): string | undefined {
  if (file === undefined || file === "none") return file;
  return resolve(file.replace(/^~(?=\/)/, home));
}

/** The settings that are not undefined. */
function defined(settings: SshHostSettings): SshHostSettings {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  );
}

/** The key of a user on a host, which does not depend on the inventory's names. */
export function routeKey(route: HostRoute, become?: Become): string {
  const login = loginKey(route.endpoint);
  return become === undefined ? login : `${login} as ${become.user}`;
}
