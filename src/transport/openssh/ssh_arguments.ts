// Makes the arguments and the configuration file of `ssh` from an endpoint. `ssh`
// reads the user's ssh_config itself, so it gets the name that the user gave and
// only the settings that come from elsewhere. No shell sees the arguments.
import { ConnectError } from "../../errors.ts";
import type { Endpoint, OpensshSettings } from "../transport.ts";

/** The settings that all hosts of a run share. */
export interface CommonSettings {
  readonly hostKeys: "check" | "accept-new" | "off";
  readonly keepaliveMs: number;
  /** The agent's socket; `""` for none, undefined for the environment's. */
  readonly agentSocket: string | undefined;
  /** The folder that holds `.ssh`. */
  readonly home: string;
}

/** Set for every host, before the files. */
const ALWAYS = [
  "BatchMode yes",
  "LogLevel DEBUG1",
  "ControlPersist no",
  "ClearAllForwardings yes",
  "ForwardX11 no",
  "Tunnel no",
  // Its output shows that ssh listens.
  "PermitLocalCommand yes",
  "LocalCommand echo ftl",
];

/**
 * The arguments for a host.
 *
 * @throws {ConnectError} phase `resolve`, when `ssh` would misread the name.
 */
export function sshArguments(
  endpoint: Endpoint,
  { configFile, socketPath, common }: {
    configFile: string;
    socketPath: string;
    common: CommonSettings;
  },
): string[] {
  const { destination, user, port, identityFiles, options } = settingsOf(
    endpoint,
  );
  if (!/^[^-\s/@\p{Cc}][^\s/@\p{Cc}]*$/u.test(destination)) {
    throw new ConnectError(
      `Cannot reach ${endpoint.name}: ${
        JSON.stringify(destination)
      } is not a host name`,
      { phase: "resolve", host: endpoint.name },
    );
  }
  const { ssh = {} } = endpoint;
  const lines = [
    ...ALWAYS,
    ...trustLines(
      ssh.hostKeys ?? common.hostKeys,
      ssh.knownHostsFiles,
      common.home,
    ),
    ...options ?? [],
  ];
  return [
    "-N",
    "-T",
    "-M",
    "-S",
    socketPath,
    "-F",
    configFile,
    ...lines.flatMap((line) => ["-o", line]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(identityFiles ?? []).flatMap((file) => ["-i", file]),
    "--",
    destination,
  ];
}

/**
 * The text of the file that replaces the files of the user and the system, and
 * includes them. Unlike arguments, it applies to bastions too.
 */
export function sshConfigText(
  endpoint: Endpoint,
  { home, hostKeys, keepaliveMs, agentSocket }: CommonSettings,
): string {
  const { config, forAll = {} } = settingsOf(endpoint);
  const files = config === undefined
    ? [`${home}/.ssh/config`, "/etc/ssh/ssh_config"]
    : config === "none"
    ? []
    : [config];
  return [
    "BatchMode yes", // ssh cannot ask the user
    "UpdateHostKeys no", // many processes would rewrite the file at once
    ...trustLines(forAll.hostKeys, forAll.knownHostsFiles, home),
    ...files.map((file) => `Include ${quote(file)}`),
    "Host *",
    ...trustLines(hostKeys, undefined, home),
    `UserKnownHostsFile ${ownFiles(home).map(inPath).join(" ")}`,
    ...(agentSocket === undefined
      ? []
      : [`IdentityAgent ${inPath(agentSocket || "none")}`]),
    `ServerAliveInterval ${Math.ceil(keepaliveMs / 1000)}`,
    "ServerAliveCountMax 3",
    "",
  ].join("\n");
}

function settingsOf(endpoint: Endpoint): OpensshSettings {
  const { address, user, port, identityFiles } = endpoint;
  return endpoint.openssh ?? {
    destination: address,
    user,
    port,
    identityFiles,
    config: "none",
  };
}

function trustLines(
  hostKeys: CommonSettings["hostKeys"] | undefined,
  files: readonly string[] | undefined,
  home: string,
): string[] {
  // They are read with `off` too: ssh sends no password where a key has changed.
  // ssh adds new keys to the first file; with `off` that must be /dev/null.
  const read = hostKeys === "off"
    ? ["/dev/null", ...files ?? ownFiles(home)]
    : files;
  const words = { check: "yes", "accept-new": "accept-new", off: "no" };
  return [
    ...(hostKeys === undefined
      ? []
      : [`StrictHostKeyChecking ${words[hostKeys]}`]),
    ...(read === undefined
      ? []
      : [`UserKnownHostsFile ${read.map(inPath).join(" ")}`]),
    ...(files === undefined ? [] : ["GlobalKnownHostsFile /dev/null"]),
  ];
}

/** The known_hosts files of the user. */
function ownFiles(home: string): string[] {
  return [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`];
}

/** Quotes a path for ssh_config, where a percent sign starts a token. */
function inPath(text: string): string {
  return quote(text.replaceAll("%", "%%"));
}

function quote(text: string): string {
  return `"${text}"`;
}
