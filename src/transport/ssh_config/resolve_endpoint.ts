// Makes an endpoint from the settings of a host, in the inventory and on the
// command line, and from ssh_config. The settings of the host win over the files,
// as with `ssh -o`; bastions are configured by the files alone.
import {
  type Endpoint,
  SSH_DEFAULTS,
  type SshHostSettings,
} from "../transport.ts";
import type { Condition, Directive, SshConfig } from "./parse_config.ts";
import {
  type JumpHost,
  type ResolveSettingsOptions,
  resolveSshConfig,
  type SshSettings,
} from "./host_settings.ts";

/** The settings of a host that do not come from ssh_config. */
export interface GivenEndpoint {
  readonly name: string;
  /** The argument for `ssh`; `HostName` in the files may replace it. */
  readonly address: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identityFiles?: readonly string[] | undefined;
  /** Lines for this host but not its bastions, before the files: `ssh -o`. */
  readonly own?: SshConfig | undefined;
}

/** An endpoint, the lines of ssh_config that it follows, and those it does not. */
export interface ConfiguredEndpoint {
  readonly endpoint: Endpoint;
  /** By keyword. */
  readonly lines: ConfigLines;
  /** The lines of the bastions, in the order of `jumps`. */
  readonly jumpLines: readonly ConfigLines[];
  readonly ignored: readonly (Directive | Condition)[];
}

/** The lines that apply to one host, by keyword. */
export type ConfigLines = SshSettings["lines"];

/** The machine and the user that ftl runs on and as. */
export type Surroundings = Pick<
  ResolveSettingsOptions,
  "localUser" | "home" | "localHost" | "env" | "exec"
>;

/**
 * Resolves how a host is reached.
 *
 * @throws {SyntaxError} with file and line, when ssh_config is invalid.
 */
export function configureEndpoint(
  configs: readonly SshConfig[],
  given: GivenEndpoint,
  surroundings: Surroundings,
): ConfiguredEndpoint {
  return configure(given, { configs, surroundings, way: [] });
}

interface Context {
  readonly configs: readonly SshConfig[];
  readonly surroundings: Surroundings;
  /** The hosts whose jumps are being followed. */
  readonly way: readonly string[];
}

function configure(given: GivenEndpoint, context: Context): ConfiguredEndpoint {
  const { endpoint, settings } = configureAlone(given, context);
  const jumps = configureWay(settings.jumps, {
    ...context,
    way: [...context.way, given.address],
  }).map((stop, i, { length }) => {
    const jump = settings.jumps.at(i - length); // the stops before it are its own jumps
    const line = settings.lines.get("proxyjump") ?? [];
    return jump ? { ...stop, lines: withJump(stop.lines, jump, line) } : stop;
  });
  return {
    endpoint: jumps.length === 0
      ? endpoint
      : { ...endpoint, jumps: jumps.map(({ endpoint }) => endpoint) },
    lines: settings.lines,
    jumpLines: jumps.map(({ lines }) => lines),
    ignored: [...settings.ignored, ...jumps.flatMap(({ ignored }) => ignored)],
  };
}

/**
 * All bastions, nearest first. As with `ssh -J`, the first one is reached as its
 * own configuration sets, and each of the others through the one before it.
 */
function configureWay(
  [first, ...others]: readonly JumpHost[],
  context: Context,
): Omit<ConfiguredEndpoint, "jumpLines">[] {
  if (first === undefined) return [];
  if (context.way.includes(first.host)) {
    const circle = [...context.way, first.host].join(", ");
    throw new SyntaxError(`Cannot follow ProxyJump in a circle: ${circle}`);
  }
  const way = configure(asGiven(first), context);
  const { jumps: before = [], ...nearest } = way.endpoint;
  return [
    ...before.map((endpoint, i) => ({
      endpoint,
      lines: way.jumpLines[i]!,
      ignored: [],
    })),
    { ...way, endpoint: nearest },
    ...others.map((jump) => {
      const { endpoint, settings } = configureAlone(asGiven(jump), context);
      const { proxyCommand: _, ...direct } = endpoint;
      const { lines, ignored } = settings;
      return { endpoint: direct, lines, ignored };
    }),
  ];
}

/** Adds the line that names a bastion, where it also sets user or port. */
function withJump(
  lines: ConfigLines,
  { user, port }: JumpHost,
  line: readonly Directive[],
): ConfigLines {
  return new Map([
    ...lines,
    ...user === undefined ? [] : [["user", line] as const],
    ...port === undefined ? [] : [["port", line] as const],
  ]);
}

function asGiven(jump: JumpHost): GivenEndpoint {
  return { ...jump, name: jump.host, address: jump.host };
}

/** A host without its bastions. */
function configureAlone(
  { name, address: host, user, port, identityFiles, own }: GivenEndpoint,
  { configs, surroundings }: Context,
): { endpoint: Endpoint; settings: SshSettings } {
  const options = { ...surroundings, host, user, port };
  const settings = resolveSshConfig(
    own === undefined ? configs : [own, ...configs],
    options,
  );
  const endpoint: Endpoint = {
    name,
    transport: "ssh",
    address: settings.hostName,
    port: settings.port ?? SSH_DEFAULTS.port,
    user: settings.user ?? surroundings.localUser,
    identityFiles: identityFiles ?? settings.identityFiles,
    ...(settings.proxyCommand && { proxyCommand: settings.proxyCommand }),
    ssh: hostSettings(settings, surroundings.home),
  };
  return { endpoint, settings };
}

function hostSettings(settings: SshSettings, home: string): SshHostSettings {
  const { userKnownHostsFiles, globalKnownHostsFiles } = settings;
  const isSet = userKnownHostsFiles ?? globalKnownHostsFiles;
  return {
    hostKeyAlias: settings.hostKeyAlias,
    knownHostsFiles: isSet && [
      ...userKnownHostsFiles ?? defaultFiles(`${home}/.ssh/known_hosts`),
      ...globalKnownHostsFiles ?? defaultFiles("/etc/ssh/ssh_known_hosts"),
    ],
    hostKeys: settings.hostKeys,
    identitiesOnly: settings.identitiesOnly,
    agentSocket: settings.identityAgent,
    connectTimeoutMs: settings.connectTimeoutMs,
    keepaliveMs: settings.keepaliveMs,
    keepaliveCount: settings.keepaliveCount,
    algorithms: {
      ciphers: settings.ciphers,
      kex: settings.kexAlgorithms,
      macs: settings.macs,
      hostKeys: settings.hostKeyAlgorithms,
    },
  } satisfies Record<keyof SshHostSettings, unknown>;
}

/** ssh_config(5): both kinds of file have a second one by default. */
function defaultFiles(path: string): string[] {
  return [path, `${path}2`];
}
