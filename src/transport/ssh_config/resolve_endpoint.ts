// From what is said of a host, in the inventory and on the command line, and
// from ssh_config, to an endpoint. What is said of the host wins over the files,
// as with `ssh -o`; hosts on the way are configured by the files alone.
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

/** What is said of a host elsewhere than in ssh_config. */
export interface GivenEndpoint {
  readonly name: string;
  /** What `ssh` would be given: the files' `HostName` may stand for it. */
  readonly address: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identityFiles?: readonly string[] | undefined;
  /** Lines for this host and none on the way, before the files: `ssh -o`. */
  readonly own?: SshConfig | undefined;
}

/** An endpoint, the lines of ssh_config that it follows, and those it does not. */
export interface ConfiguredEndpoint {
  readonly endpoint: Endpoint;
  /** By keyword. */
  readonly lines: ConfigLines;
  /** Of the hosts on the way, in the order of `jumps`. */
  readonly jumpLines: readonly ConfigLines[];
  readonly ignored: readonly (Directive | Condition)[];
}

/** The lines that hold for one host, by keyword. */
export type ConfigLines = SshSettings["lines"];

/** Where and as whom ftl runs. */
export type Surroundings = Pick<
  ResolveSettingsOptions,
  "localUser" | "home" | "localHost" | "env" | "exec"
>;

/**
 * Says how a host is reached.
 *
 * @throws {SyntaxError} with file and line, when ssh_config makes no sense.
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
    const jump = settings.jumps.at(i - length); // those before it are its own way
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
 * The whole way, nearest first. As with `ssh -J`, the first host is reached as
 * its own configuration says, and each of the others through the one before it.
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

/** The line that names a host on the way may name its user and port too. */
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

/** A host by itself, whatever is on the way to it. */
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
  const isSaid = userKnownHostsFiles ?? globalKnownHostsFiles;
  return {
    hostKeyAlias: settings.hostKeyAlias,
    knownHostsFiles: isSaid && [
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
  };
}

/** ssh_config(5): both kinds of file have a second one by default. */
function defaultFiles(path: string): string[] {
  return [path, `${path}2`];
}
