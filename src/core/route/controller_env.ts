// What the controller contributes to the routes: its user, its ssh_config files
// and its credentials. Each file is read once, when the first host needs it.
import type { Surroundings } from "../../transport/ssh_config/resolve_endpoint.ts";
import type { SshConfig } from "../../transport/ssh_config/parse_config.ts";
import {
  readSshConfigFile,
  readSshConfigs,
} from "../../transport/ssh_config/read_config.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type { KnownHostsFiles } from "../../transport/known_hosts/known_hosts_file.ts";
import {
  type AvailableCredentials,
  findAvailableCredentials,
} from "./available_credentials.ts";
import { memoize } from "../../async/memoize.ts";

/** The controller's part in how hosts are reached. */
export interface ControllerEnv extends Surroundings {
  /**
   * The ssh_config files, the one that wins first.
   *
   * @param file replaces all others; `none` for none.
   * @throws {SyntaxError} with file and line, or when one cannot be read.
   */
  configs(file?: string): readonly SshConfig[];
  /** The file of the options, which replaces the usual ones; `none` for none. */
  readonly config?: string | undefined;
  /** The credentials of this process. Default: none are looked for. */
  readonly credentials?: AvailableCredentials | undefined;
  /** Why the ssh transport could not reach a host the last time. */
  readonly needsOpenssh?:
    | ((endpoint: Endpoint) => string | undefined)
    | undefined;
}

/** Where the environment differs from that of this process. */
export interface ControllerEnvOptions {
  /** Default: `HOME`. */
  readonly home?: string | undefined;
  /**
   * The ssh_config file to read, or `none`. Default: `~/.ssh/config`, then
   * `/etc/ssh/ssh_config`.
   */
  readonly config?: string | undefined;
  /** Reads known_hosts files. Pass the one that verifies host keys. */
  readonly knownHostsReader?: KnownHostsFiles | undefined;
}

/**
 * The name of this user, who may have a number alone in a container. What asks the
 * system for it takes longer to load than all else here, so the local users come
 * first.
 */
async function findUserName(): Promise<string> {
  const users = await Deno.readTextFile("/etc/passwd").catch(() => "");
  const own = users.split("\n").map((line) => line.split(":"))
    .find(([, , id]) => id === String(Deno.uid()));
  if (own?.[0]) return own[0];
  const { userInfo } = await import("node:os");
  try {
    return userInfo().username;
  } catch {
    return String(Deno.uid());
  }
}

/** The environment of this process. */
export async function findControllerEnv(
  options: ControllerEnvOptions = {},
): Promise<ControllerEnv> {
  const home = options.home ?? Deno.env.get("HOME") ?? "/";
  const localUser = Deno.env.get("USER") ?? Deno.env.get("LOGNAME") ??
    await findUserName();
  const read = memoize((file: string) => {
    if (file === "none") return [];
    return file === "" ? readSshConfigs({ home }) : [
      readSshConfigFile(file.replace(/^~(?=\/)/, home), { home }),
    ];
  });
  return {
    home,
    localUser,
    localHost: Deno.hostname(),
    env: (name) => Deno.env.get(name),
    exec: memoize(succeeds),
    configs: (file = options.config ?? "") => read(file),
    config: options.config,
    credentials: findAvailableCredentials(home, options.knownHostsReader),
  };
}

/** How long the command of a `Match exec` may take; all hosts wait for it. */
const MATCH_MS = 10_000;

/** Newer than the types of Node that ssh2 needs. */
interface NodeModules {
  getBuiltinModule(
    name: "node:child_process",
  ): typeof import("node:child_process");
}

/**
 * Whether the command of a `Match exec` succeeds. The module of Node is loaded for
 * it alone: that takes longer than a call in a session.
 */
function succeeds(command: string): boolean {
  const { spawnSync } = (process as unknown as NodeModules)
    .getBuiltinModule("node:child_process");
  const { status, error } = spawnSync("/bin/sh", ["-c", command], {
    stdio: "ignore",
    timeout: MATCH_MS,
    killSignal: "SIGKILL",
  });
  if (error === undefined) return status === 0;
  throw "code" in error && error.code === "ETIMEDOUT"
    ? new Error(`its command took longer than ${MATCH_MS / 1000} s`)
    : error;
}
