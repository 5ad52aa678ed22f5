// Checks the user's SSH files: ssh_config, known_hosts, keys and the agent. They
// are only read; no host is contacted, and no key is unlocked.
import { join, resolve } from "@std/path";
import { agentKeyTypes } from "../../../transport/agent_keys.ts";
import { knownHostsFiles } from "../../../transport/known_hosts/known_hosts_file.ts";
import { senselessLines } from "../../../transport/known_hosts/known_hosts.ts";
import {
  readSshConfigFile,
  readSshConfigs,
} from "../../../transport/ssh_config/read_config.ts";
import type { SshConfig } from "../../../transport/ssh_config/parse_config.ts";
import type { Context } from "../context.ts";
import type { ConnectOptions } from "../../options/options.ts";
import { type Check, count, failed } from "./check.ts";

/** Servers refuse a login after six keys by default (MaxAuthTries). */
const SAFE_KEYS = 5;

/** Checks everything about SSH on this machine. */
export async function checkSshFiles(
  options: ConnectOptions,
  context: Context,
): Promise<Check[]> {
  const home = context.env("HOME") ?? "/";
  const agent = await checkAgent(context);
  return [
    checkSshConfig(options, home),
    await checkKnownHosts(options, home),
    agent,
    await checkKeys(options, home),
  ];
}

function checkSshConfig({ sshConfig }: ConnectOptions, home: string): Check {
  const name = "ssh_config";
  if (sshConfig === "none") {
    return {
      name,
      verdict: "ok",
      found: "Not read, because of --ssh-config none",
    };
  }
  try {
    const configs = configsOf(sshConfig, home);
    const files = filesOf(configs);
    return {
      name,
      verdict: "ok",
      found: files.length === 0
        ? `None found: neither ${home}/.ssh/config nor the system-wide file`
        : `${files.join(", ")}: ${count(linesOf(configs), "setting")}`,
    };
  } catch (error) {
    return {
      remedy: error instanceof SyntaxError
        ? "Fix that line, or name another file with --ssh-config"
        : "Make it readable for this user, or name another file with --ssh-config",
      ...failed(name, error),
    };
  }
}

/** @throws {SyntaxError} with file and line. */
function configsOf(
  sshConfig: string | undefined,
  home: string,
): readonly SshConfig[] {
  if (sshConfig === "none") return [];
  return sshConfig
    ? [readSshConfigFile(sshConfig.replace(/^~(?=\/)/, home), { home })]
    : readSshConfigs({ home });
}

/** Files of host keys that settings name for some hosts; none with other tokens. */
function knownHostsIn(configs: readonly SshConfig[], home: string): string[] {
  return configs.flat().flatMap((node) => {
    if (node.kind === "include") return knownHostsIn(node.files, home);
    if (node.kind !== "set") return [];
    if (!/^(?:user|global)knownhostsfile$/.test(node.keyword)) return [];
    return node.args
      .map((path) => path.replace(/^(?:~|%d)(?=\/)/, home))
      .filter((path) => path !== "none" && !path.includes("%"))
      .map((path) => resolve(home, ".ssh", path));
  });
}

/** The files of host keys that count for some host. */
function knownHostsPaths(options: ConnectOptions, home: string): string[] {
  if (options.knownHosts) return options.knownHosts;
  let named: string[] = [];
  try {
    named = knownHostsIn(configsOf(options.sshConfig, home), home);
  } catch {
    // The check of ssh_config reports it.
  }
  const usual = knownHostsFiles(home);
  return [...new Set([...usual, ...named])];
}

/** The files that settings were read from, each once. */
function filesOf(configs: readonly SshConfig[]): string[] {
  const names = configs.flat().flatMap((node) =>
    node.kind === "include" ? filesOf(node.files) : [node.file]
  );
  return [...new Set(names)];
}

function linesOf(configs: readonly SshConfig[]): number {
  return configs.flat().reduce(
    (sum, node) => sum + (node.kind === "include" ? linesOf(node.files) : 1),
    0,
  );
}

async function checkKnownHosts(
  options: ConnectOptions,
  home: string,
): Promise<Check> {
  const name = "known_hosts";
  const paths = knownHostsPaths(options, home);
  const read: string[] = [];
  const bad: string[] = [];
  let entries = 0;
  for (const path of paths) {
    try {
      const text = await Deno.readTextFile(path);
      const lines = text.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
      const senseless = senselessLines(text);
      read.push(path);
      entries += lines.length - senseless.length;
      bad.push(...senseless.map((line) => `${path}:${line}`));
    } catch (error) {
      const isMissing = error instanceof Deno.errors.NotFound;
      if (!isMissing || options.knownHosts) {
        const { message } = error as Error;
        return failed(name, new Error(`Cannot read ${path}: ${message}`));
      }
    }
  }
  if (bad.length > 0) {
    return {
      name,
      verdict: "warn",
      found: `${count(bad.length, "invalid line")}: ${
        bad.slice(0, 5).join(", ")
      }`,
      remedy: "Fix or remove these lines, which ftl ignores",
    };
  }
  if (entries === 0) {
    const unchecked = options.hostKeys === "off";
    return {
      name,
      verdict: unchecked ? "ok" : "warn",
      found: "No host key is known",
      remedy:
        "Add the keys of your hosts (ssh-keyscan, then verify them), or use --host-keys accept-new once",
    };
  }
  return {
    name,
    verdict: "ok",
    found: `${read.join(", ")}: ${count(entries, "key")}`,
  };
}

async function checkAgent(context: Context): Promise<Check> {
  const name = "agent";
  const socket = context.env("SSH_AUTH_SOCK");
  if (!socket) {
    return { name, verdict: "ok", found: "None (SSH_AUTH_SOCK is not set)" };
  }
  try {
    const keys = (await agentKeyTypes(socket)).length;
    const found = `${count(keys, "key")} at ${socket}`;
    if (keys === 0) {
      return { name, verdict: "warn", found, remedy: "Add a key with ssh-add" };
    }
    if (keys <= SAFE_KEYS) return { name, verdict: "ok", found };
    return {
      name,
      verdict: "warn",
      found,
      remedy:
        "Choose the right key with --private-key or IdentitiesOnly: hosts may refuse a login after six keys",
    };
  } catch (error) {
    return {
      name,
      verdict: "warn",
      found: `No agent answers at ${socket}: ${(error as Error).message}`,
      remedy: 'Start an agent with eval "$(ssh-agent)", or unset SSH_AUTH_SOCK',
    };
  }
}

async function checkKeys(
  options: ConnectOptions,
  home: string,
): Promise<Check> {
  const name = "keys";
  const folder = join(home, ".ssh");
  const paths = options.privateKey ?? await keysIn(folder);
  const open: string[] = [];
  for (const path of paths) {
    const file = path.replace(/^~(?=\/)/, home);
    const info = await Deno.stat(file).catch(() => undefined);
    if (!info?.isFile) {
      return {
        name,
        verdict: "fail",
        found: `Cannot read ${path}: the file does not exist`,
        remedy: "Fix --private-key",
      };
    }
    if (((info.mode ?? 0) & 0o077) !== 0) open.push(path);
  }
  if (open.length > 0) {
    return {
      name,
      verdict: "warn",
      found: `Other users can read ${open.join(", ")}`,
      remedy: `Run chmod 600 ${open.join(" ")}`,
    };
  }
  return {
    name,
    verdict: "ok",
    found: paths.length > 0 ? paths.join(", ") : `None in ${folder}`,
  };
}

async function keysIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder)))
      .map(({ name }) => name)
      .filter((name) => /^id_\w+$/.test(name)).sort()
      .map((name) => join(folder, name));
  } catch {
    return []; // no such folder, or not readable
  }
}
