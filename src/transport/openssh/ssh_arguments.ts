// From an endpoint to the words and the file that `ssh` is given. It reads the
// user's ssh_config by itself, so it gets the name that the user gave, and
// beside it only what was said elsewhere. The words go to no shell.
import { ConnectError } from "../../errors.ts";
import type { Endpoint, OpensshSettings } from "../transport.ts";

/** What all hosts of a run have in common. */
export interface CommonSettings {
  readonly hostKeys: "check" | "accept-new" | "off";
  readonly keepaliveMs: number;
  /** The agent's socket; `""` for none, undefined for the environment's. */
  readonly agentSocket: string | undefined;
  /** The folder that holds `.ssh`. */
  readonly home: string;
}

/** What holds for every host, whatever the files say. */
const ALWAYS = [
  "BatchMode yes",
  "LogLevel DEBUG1",
  "ControlPersist no",
  "ClearAllForwardings yes",
  "ForwardX11 no",
  "Tunnel no",
  // How it says that it listens.
  "PermitLocalCommand yes",
  "LocalCommand echo ftl",
];

/**
 * The arguments for a host.
 *
 * @throws {ConnectError} phase `resolve`, when the host's name would be taken
 * for something else.
 */
export function sshWords(
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
      } is no name of a host`,
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
 * The file in place of the user's and the system's, which it includes. It holds
 * for hosts on the way too, unlike words.
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
    "BatchMode yes", // there is nobody whom ssh could ask
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
  // It adds new keys to the first of them, and with `off` it is to add none.
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

/** The user's files of host keys. */
function ownFiles(home: string): string[] {
  return [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`];
}

/** A word of ssh_config in which a percent sign would begin a token. */
function inPath(text: string): string {
  return quote(text.replaceAll("%", "%%"));
}

function quote(text: string): string {
  return `"${text}"`;
}
