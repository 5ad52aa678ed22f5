// Explains how a host would be reached: every setting of the host and of its
// bastions, with its origin. Contacts no host. The values are those of the route
// that a connection would use.
import { InventoryError } from "../../errors.ts";
import {
  CONNECTION_VARIABLES,
  type ConnectionSettings,
} from "../../inventory/connection/connection_settings.ts";
import type { Host } from "../../inventory/inventory.ts";
import type { Json } from "../../protocol/message.ts";
import { knownHostsFiles } from "../../transport/known_hosts/known_hosts_file.ts";
import type {
  Condition,
  Directive,
} from "../../transport/ssh_config/parse_config.ts";
import { type Endpoint, SSH_DEFAULTS } from "../../transport/transport.ts";
import { type BecomeOverrides, resolveBecome } from "../become/become.ts";
import {
  type ConnectionOverrides,
  decideRoute,
  type HostRoute,
} from "./host_endpoint.ts";
import {
  DEFAULT,
  type Origin,
  Origins,
  type Override,
  type Setting,
  variableOrigin,
} from "./setting_origins.ts";
import type { ControllerEnv } from "./controller_env.ts";

/** A bastion, or the host itself. */
export interface Stop {
  readonly host: string;
  readonly settings: readonly Setting[];
}

/** How one host would be reached. */
export interface Explanation {
  readonly host: string;
  /** The settings that are not about the connection. */
  readonly settings: readonly Setting[];
  /** The bastions, nearest first, and the host itself. */
  readonly stops: readonly Stop[];
  /** Lines of ssh_config that are not followed. */
  readonly ignored: readonly (Directive | Condition)[];
}

/** The settings for all hosts, and the controller's environment. */
export interface ExplainRouteOptions {
  readonly overrides: ConnectionOverrides;
  /** The passwords that are set for all hosts. */
  readonly shared?: readonly ("password" | "becomePassword")[];
  readonly controllerEnv: ControllerEnv;
}

/**
 * Explains how a host would be reached.
 *
 * @throws {InventoryError} when its variables or ssh_config are invalid.
 */
export async function explainRoute(
  host: Host,
  { overrides, shared = [], controllerEnv }: ExplainRouteOptions,
): Promise<Explanation> {
  const { route, hostSettings, sshRoute } = await decideRoute(
    host,
    overrides,
    controllerEnv,
  );
  const { endpoint, python, ignored, reason } = route;
  const secrets = new Set<Override>(shared);
  const own = new Origins({ overrides, hostSettings, isTarget: true });
  const settings: Setting[] = [
    own.setting("connection", endpoint.transport, {
      override: "transport",
      variables: CONNECTION_VARIABLES.connection,
    }),
    ...(reason === undefined
      ? []
      : [own.setting("connection_reason", reason, {})]),
    own.setting("python", describePython(python), {
      override: "python",
      variables: CONNECTION_VARIABLES.pythonInterpreter,
    }),
    ...(route.inMemory
      ? [
        own.setting("in_memory", true, {
          override: "inMemory",
          variables: CONNECTION_VARIABLES.inMemory,
        }),
      ]
      : []),
    ...secretSetting("password", { hostSettings, shared: secrets }),
    ...becomeSettings(host.name, {
      hostSettings,
      overrides: overrides.become ?? {},
      shared: secrets,
    }),
  ];
  const name = host.name;
  if (sshRoute === undefined) {
    return { host: name, settings, stops: [], ignored };
  }
  const { jumps = [], ...target } = sshRoute.endpoint;
  const bastions = jumps.map((jump) => jump.name).join(",");
  const stops = [
    ...jumps.map((jump, i) => ({
      endpoint: jump,
      origins: new Origins({
        overrides,
        hostSettings,
        lines: sshRoute.jumpLines[i]!,
      }),
    })),
    {
      endpoint: target,
      origins: new Origins({
        ...{ overrides, hostSettings, lines: sshRoute.lines },
        isTarget: true,
      }),
    },
  ];
  return {
    host: name,
    settings,
    stops: stops.map(({ endpoint, origins }) => ({
      host: endpoint.name,
      settings: [
        ...stopSettings(endpoint, { origins, controllerEnv }),
        ...endpoint === target && bastions !== ""
          ? [origins.setting("proxy_jump", bastions, {
            keywords: ["proxyjump"],
          })]
          : [],
      ],
    })),
    ignored,
  };
}

function stopSettings(
  endpoint: Endpoint,
  { origins, controllerEnv }: {
    origins: Origins;
    controllerEnv: ControllerEnv;
  },
): Setting[] {
  const { address, port, user, identityFiles, proxyCommand, ssh = {} } =
    endpoint;
  const { home, env } = controllerEnv;
  const settings = [
    origins.setting("address", address, {
      keywords: ["hostname"],
      isRefinement: true,
      variables: CONNECTION_VARIABLES.address,
    }),
    origins.setting("port", port, {
      override: "port",
      variables: CONNECTION_VARIABLES.port,
      keywords: ["port"],
    }),
    origins.setting("user", user, {
      override: "user",
      variables: CONNECTION_VARIABLES.user,
      keywords: ["user"],
    }),
    origins.setting(
      "identity_files",
      identityFiles.length > 0
        ? [...identityFiles]
        : "the agent's, then ~/.ssh",
      {
        override: "identityFiles",
        variables: CONNECTION_VARIABLES.identityFile,
        keywords: ["identityfile"],
      },
    ),
    origins.setting("identities_only", ssh.identitiesOnly ?? false, {
      keywords: ["identitiesonly"],
    }),
    origins.setting("agent", ssh.agentSocket ?? env("SSH_AUTH_SOCK") ?? "", {
      keywords: ["identityagent"],
    }),
    origins.setting("host_keys", ssh.hostKeys ?? "check", {
      override: "hostKeys",
      variables: CONNECTION_VARIABLES.hostKeyChecking,
      keywords: ["stricthostkeychecking"],
    }),
    origins.setting(
      "host_key_alias",
      ssh.hostKeyAlias ??
        (port === SSH_DEFAULTS.port ? address : `[${address}]:${port}`),
      { keywords: ["hostkeyalias"] },
    ),
    origins.setting(
      "known_hosts",
      [...ssh.knownHostsFiles ?? knownHostsFiles(home)],
      {
        override: "knownHostsFiles",
        keywords: ["userknownhostsfile", "globalknownhostsfile"],
      },
    ),
    origins.setting(
      "connect_timeout_ms",
      ssh.connectTimeoutMs ?? SSH_DEFAULTS.connectTimeoutMs,
      {
        override: "connectTimeoutMs",
        variables: CONNECTION_VARIABLES.connectTimeout,
        keywords: ["connecttimeout"],
      },
    ),
    origins.setting(
      "keepalive_ms",
      ssh.keepaliveMs ?? SSH_DEFAULTS.keepaliveMs,
      { keywords: ["serveraliveinterval"] },
    ),
    origins.setting(
      "keepalive_count",
      ssh.keepaliveCount ?? SSH_DEFAULTS.keepaliveCount,
      { keywords: ["serveralivecountmax"] },
    ),
  ];
  const { algorithms = {} } = ssh;
  const more: [string, Json | undefined, string][] = [
    ["proxy_command", proxyCommand, "proxycommand"],
    ["ciphers", algorithms.ciphers, "ciphers"],
    ["kex_algorithms", algorithms.kex, "kexalgorithms"],
    ["macs", algorithms.macs, "macs"],
    ["host_key_algorithms", algorithms.hostKeys, "hostkeyalgorithms"],
  ];
  for (const [name, value, keyword] of more) {
    if (value === undefined) continue;
    settings.push(origins.setting(name, value, { keywords: [keyword] }));
  }
  return settings;
}

/** A secret, masked, with its origin. */
function secretSetting(
  name: "password" | "becomePassword",
  { hostSettings, shared }: {
    hostSettings: ConnectionSettings;
    shared: ReadonlySet<Override>;
  },
): Setting[] {
  const from = shared.has(name)
    ? { kind: "override", name } as const
    : variableOrigin(hostSettings, CONNECTION_VARIABLES[name]);
  if (from === undefined) return [];
  const shown = name === "password" ? name : "become_password";
  return [{ name: shown, value: "********", from: [from] }];
}

/** The user that calls run as, and the origins of that. */
function becomeSettings(
  host: string,
  { hostSettings, overrides, shared }: {
    hostSettings: ConnectionSettings;
    overrides: BecomeOverrides;
    shared: ReadonlySet<Override>;
  },
): Setting[] {
  const row = (
    name: string,
    value: Json | undefined,
    from: Origin | undefined,
  ): Setting[] =>
    value === undefined ? [] : [{ name, value, from: from ? [from] : DEFAULT }];
  const override = (value: unknown, name: Override): Origin | undefined =>
    value === undefined ? undefined : { kind: "override", name };
  const enabled = override(overrides.enabled, "become") ??
    variableOrigin(hostSettings, CONNECTION_VARIABLES.become);
  const become = resolveBecome(host, hostSettings.become, overrides);
  if (become === undefined) return row("become", false, enabled);
  return [
    ...row("become", true, enabled),
    ...row(
      "become_user",
      become.user,
      override(overrides.user, "becomeUser") ??
        variableOrigin(hostSettings, CONNECTION_VARIABLES.becomeUser),
    ),
    ...row(
      "become_method",
      become.method,
      override(overrides.method, "becomeMethod") ??
        variableOrigin(hostSettings, CONNECTION_VARIABLES.becomeMethod),
    ),
    ...row(
      "become_exe",
      become.executable,
      variableOrigin(hostSettings, CONNECTION_VARIABLES.becomeExecutable),
    ),
    ...row(
      "become_flags",
      become.flags && [...become.flags],
      variableOrigin(hostSettings, CONNECTION_VARIABLES.becomeFlags),
    ),
    ...secretSetting("becomePassword", { hostSettings, shared }),
  ];
}

function describePython(python: HostRoute["python"]): string {
  if (python instanceof InventoryError) return python.message;
  return python ?? "the first that is found";
}
