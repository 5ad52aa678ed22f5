// Where and as whom ftl runs, as far as it decides how hosts are reached. Files
// of ssh_config are read once, when the first host asks for them.
import { spawnSync } from "node:child_process";
import type { Surroundings } from "../../transport/ssh_config/resolve_endpoint.ts";
import type { SshConfig } from "../../transport/ssh_config/parse_config.ts";
import {
  readSshConfigFile,
  readSshConfigs,
} from "../../transport/ssh_config/read_config.ts";
import type { KnownHostsFiles } from "../../transport/known_hosts/known_hosts_file.ts";
import {
  type AvailableCredentials,
  findAvailableCredentials,
} from "./available_credentials.ts";
import { memoize } from "../../async/memoize.ts";

/** What routes are made from, besides what is said of hosts. */
export interface ControllerEnv extends Surroundings {
  /**
   * The files that hold, the first of which counts most.
   *
   * @param file one that is meant in place of all others; `none` for none.
   * @throws {SyntaxError} with file and line, or when one cannot be read.
   */
  configs(file?: string): readonly SshConfig[];
  /** The file that is meant where no other is named; `none` for none. */
  readonly config?: string | undefined;
  /** What there is to log in with. Default: nothing is looked at. */
  readonly means?: AvailableCredentials | undefined;
}

/** What differs from this process's own. */
export interface ControllerEnvOptions {
  /** Default: `HOME`. */
  readonly home?: string | undefined;
  /**
   * The file of ssh_config that holds, or `none`. Default: `~/.ssh/config`,
   * then `/etc/ssh/ssh_config`.
   */
  readonly config?: string | undefined;
  /** Reads known_hosts files; theirs who judges keys as well. */
  readonly knownHostsReader?: KnownHostsFiles | undefined;
}

/** The controllerEnv of this process. */
export async function findControllerEnv(
  options: ControllerEnvOptions = {},
): Promise<ControllerEnv> {
  const home = options.home ?? Deno.env.get("HOME") ?? "/";
  const localUser = Deno.env.get("USER") ?? Deno.env.get("LOGNAME") ??
    (await import("node:os")).userInfo().username;
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
    means: findAvailableCredentials(home, options.knownHostsReader),
  };
}

/** How long the command of a `Match exec` may take: every host waits for it. */
const MATCH_MS = 10_000;

/** Runs the command of a `Match exec`. */
function succeeds(command: string): boolean {
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
