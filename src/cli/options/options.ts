// The options that commands share, as data: the help, the environment
// variables and the completions are all made from these tables.
import type { HostShare } from "../../core/run/rollout.ts";
import { BECOME_METHODS, type BecomeMethod } from "../../core/become/become.ts";
import { CALL_DEFAULTS } from "../../core/call/call_defaults.ts";
import { formatDuration } from "../../core/input/duration.ts";
import { type Format, FORMATS } from "../../output/renderer.ts";
import {
  HOST_KEY_POLICIES,
  type HostKeyPolicy,
  SSH_DEFAULTS,
  type TransportName,
  TRANSPORTS,
} from "../../transport/transport.ts";
import type { Row } from "./add_options.ts";
import {
  commas,
  countOrNone,
  portNumber,
  seconds,
  separatedList,
  share,
  someHosts,
  wholeNumber,
} from "./option_values.ts";

/** Where the hosts come from, and what opens what is encrypted there. */
export interface InventoryOptions {
  inventory?: string[];
  vaultPasswordFile?: string[];
  askVaultPass?: boolean;
}

/** Which hosts are meant. */
export interface HostOptions extends InventoryOptions {
  limit?: string;
  shard?: string;
  extraVars?: string[];
}

/** How hosts are reached. */
export interface ConnectOptions {
  user?: string;
  port?: number;
  connection?: TransportName;
  privateKey?: string[];
  become?: boolean;
  becomeUser?: string;
  becomeMethod?: BecomeMethod;
  askBecomePass?: boolean;
  becomePasswordFile?: string;
  askPass?: boolean;
  passwordFile?: string;
  knownHosts?: string[];
  hostKeys?: HostKeyPolicy;
  sshConfig?: string;
  retry?: number;
  connectTimeout?: number;
  fanout?: number;
  onLinkLoss?: "kill" | "finish";
}

/** Where modules come from. */
export interface ModuleOptions {
  moduleDir?: string[];
  moduleUtils?: string[];
  collectionsPath?: string[];
  requirements?: string[];
  wheelhouse?: string[];
}

/** How a call is made. */
export interface CallOptionValues {
  timeout?: number;
  check?: boolean;
  diff?: boolean;
  env?: string[];
  log?: boolean;
  stream?: boolean;
  listHosts?: boolean;
  serial?: HostShare;
  maxFail?: HostShare;
}

/** How things are shown. */
export interface OutputOptions {
  format?: Format;
  columns?: string[];
  diffHosts?: boolean;
  output?: string;
  report?: string;
  /** Absent: hosts and statuses only. */
  record?: boolean;
  plain?: boolean;
  color?: "auto" | "always" | "never";
  quiet?: boolean;
  verbose?: number;
}

export const INVENTORY_ROWS: readonly Row[] = [
  {
    flags: "-i, --inventory <source>",
    help: "inventory file, or host,host, (repeatable)",
    parse: separatedList,
  },
  {
    flags: "--vault-password-file <file>",
    help:
      "file, or program, with Ansible Vault's password; ID@FILE (repeatable)",
    parse: separatedList,
  },
  { flags: "--ask-vault-pass", help: "ask for Ansible Vault's password" },
];

export const HOST_ROWS: readonly Row[] = [
  ...INVENTORY_ROWS,
  {
    flags: "-l, --limit <pattern>",
    help: "hosts and groups that are meant: web, db*, a:&b, a:!b",
  },
  {
    flags: "--shard <K/N>",
    help: "part K of N of these hosts, or auto: for N machines side by side",
  },
  {
    flags: "-e, --extra-vars <vars>",
    help: "variables for every host: KEY=VALUE, JSON or @FILE (repeatable)",
    parse: separatedList,
  },
];

export const CONNECT_ROWS: readonly Row[] = [
  { flags: "-u, --user <name>", help: "log in as this user" },
  {
    flags: "--port <number>",
    help: "connect to this port",
    parse: portNumber,
  },
  {
    flags: "-c, --connection <kind>",
    help: "how hosts are reached",
    choices: TRANSPORTS,
  },
  {
    flags: "--private-key <file>",
    help: "log in with this key (repeatable)",
    parse: separatedList,
  },
  {
    flags: "-k, --ask-pass",
    help: "ask for the password to log in with, and for what hosts ask",
  },
  {
    flags: "--password-file <file>",
    help: "log in with the password in its first line, or that it prints",
  },
  {
    flags: "--known-hosts <file>",
    help: "check host keys against this file (repeatable)",
    parse: separatedList,
    default: "~/.ssh/known_hosts",
  },
  {
    flags: "--host-keys <policy>",
    help: "what to do about a host whose key is not known",
    choices: HOST_KEY_POLICIES,
    default: "check",
  },
  {
    flags: "--ssh-config <file>",
    help: "read this file in place of ~/.ssh/config and the system's, or none",
  },
  {
    flags: "--retry <number>",
    help: "try hosts that cannot be reached so often again",
    parse: countOrNone,
  },
  {
    flags: "--connect-timeout <time>",
    help: "from a host's name to being logged in",
    parse: seconds,
    default: formatDuration(SSH_DEFAULTS.connectTimeoutMs),
  },
  {
    flags: "--fanout <number>",
    help: "hosts that are open at once",
    parse: wholeNumber,
    default: String(CALL_DEFAULTS.fanout),
  },
  {
    flags: "--on-link-loss <policy>",
    help: "what becomes of calls whose connection is lost",
    choices: ["kill", "finish"],
    default: "kill",
  },
  { flags: "-b, --become", help: "run as another user" },
  {
    flags: "--become-user <name>",
    help: "the user to become",
    default: "root",
  },
  {
    flags: "--become-method <name>",
    help: "the program that makes one user another",
    choices: BECOME_METHODS,
    default: "sudo",
  },
  {
    flags: "-K, --ask-become-pass",
    help: "ask for the password that this program wants",
  },
  {
    flags: "--become-password-file <file>",
    help: "read it from this file, or from what it prints",
  },
];

export const MODULE_ROWS: readonly Row[] = [
  {
    flags: "-M, --module-dir <dir>",
    help: "look for modules here (repeatable, in order)",
    parse: separatedList,
  },
  {
    flags: "--module-utils <dir>",
    help: "look for ansible.module_utils here (repeatable)",
    parse: separatedList,
  },
  {
    flags: "--collections-path <dir>",
    help: "look for ansible_collections here (repeatable)",
    parse: separatedList,
  },
  {
    flags: "-r, --requirements <file>",
    help: "packages that modules import, as pip lists them (repeatable)",
    parse: separatedList,
  },
  {
    flags: "--wheelhouse <dir>",
    help: "take the wheels of these packages from here (repeatable)",
    parse: separatedList,
  },
];

export const CALL_ROWS: readonly Row[] = [
  {
    flags: "--timeout <time>",
    help: "how long a call may take on one host",
    parse: seconds,
    default: formatDuration(CALL_DEFAULTS.timeoutMs),
  },
  { flags: "-C, --check", help: "change nothing, say what would change" },
  { flags: "-D, --diff", help: "show the differences that are made" },
  {
    flags: "--env <KEY=VALUE>",
    help: "variable for the module's process (repeatable)",
    parse: separatedList,
  },
  { flags: "--no-log", help: "mask every argument and result" },
  { flags: "--stream", help: "show what hosts print as it comes" },
  {
    flags: "--serial <hosts>",
    help: "so many hosts at a time, as a number or as N%",
    parse: someHosts,
  },
  {
    flags: "--max-fail <hosts>",
    help: "begin no more hosts once more than so many, or N%, have failed",
    parse: share,
  },
  { flags: "--list-hosts", help: "print the hosts that are meant, do nothing" },
];

/** The rows of a call that mean something for files. */
export const TRANSFER_ROWS: readonly Row[] = CALL_ROWS.filter(({ flags }) =>
  /^(?:--timeout|-C|--no-log|--serial|--max-fail|--list-hosts)/.test(flags)
);

export const OUTPUT_ROWS: readonly Row[] = [
  {
    flags: "--format <name>",
    help: "how results are written",
    choices: FORMATS,
    default: "text",
  },
  {
    flags: "--columns <paths>",
    help: "columns of the table: host,status,result.uptime",
    parse: commas,
  },
  {
    flags: "--diff-hosts",
    help: "how results differ from the most frequent one",
  },
  {
    flags: "--output <dir>",
    help: "write a file with the result of each host",
  },
  {
    flags: "--report <file>",
    help: "write a page that shows the run: FILE.html",
  },
  {
    flags: "--record",
    help: "keep the results for ftl runs show, not hosts and statuses only",
  },
  { flags: "--no-record", help: "keep nothing of this run" },
  {
    flags: "--plain",
    help: "lines only, nothing redrawn: for screen readers and logs",
  },
  {
    flags: "--color <when>",
    help: "colour in text",
    choices: ["auto", "always", "never"],
    default: "auto",
  },
  { flags: "-q, --quiet", help: "only failures and the summary" },
  {
    flags: "-v, --verbose",
    help: "say more; repeatable",
    parse: (_, previous) => (previous as number | undefined ?? 0) + 1,
  },
];

/** What commands are told that do one thing on the chosen hosts. */
export type OnHostsOptions =
  & HostOptions
  & ConnectOptions
  & CallOptionValues
  & OutputOptions;

/** The tables of such a command, by their headings. */
export function onHostsTables(
  call: readonly Row[] = CALL_ROWS,
): Record<string, readonly Row[]> {
  return {
    "Hosts:": HOST_ROWS,
    "The call:": call,
    "Connections:": CONNECT_ROWS,
    "Output:": OUTPUT_ROWS,
  };
}
