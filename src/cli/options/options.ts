// The options that commands share, as data. The help, the environment variables,
// the completions and the manual page are made from these tables.
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
import type { WorkerChoice } from "../../core/workers/worker_count.ts";
import type { Row } from "./add_options.ts";
import { KEEP_ROW } from "./keep_row.ts";
import { WORKERS_ROW } from "./workers_row.ts";
import type { NatsOptions } from "./nats_rows.ts";
import {
  commaSeparated,
  hostShare,
  numberOrZero,
  outputSize,
  portNumber,
  positiveShare,
  repeatable,
  seconds,
  secondsOrNever,
  wholeNumber,
} from "./option_values.ts";

/** The sources of the inventory, and the Vault passwords for them. */
export interface InventoryOptions {
  inventory?: string[];
  vaultPasswordFile?: string[];
  askVaultPass?: boolean;
}

/**
 * Which hosts are chosen, and the variables that `-e` adds to them. With both a
 * pattern and a limit, hosts are in both.
 */
export interface HostOptions extends InventoryOptions {
  /** The command's operand, where it has one. */
  pattern?: string;
  limit?: string;
  facts?: boolean;
  shard?: string;
  extraVars?: string[];
}

/** How hosts are reached, and as which users. */
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
  inMemory?: boolean;
  workers?: WorkerChoice;
  keep?: number;
}

/** Where modules come from. */
export interface ModuleOptions {
  moduleDir?: string[];
  moduleUtils?: string[];
  collectionsPath?: string[];
  requirements?: string[];
  wheelhouse?: string[];
}

/** How a call is made. Times are in seconds. */
export interface CallOptionValues {
  timeout?: number;
  check?: boolean;
  diff?: boolean;
  env?: string[];
  log?: boolean;
  stream?: boolean;
  maxOutput?: number;
  listHosts?: boolean;
  confirm?: number;
  yes?: boolean;
  serial?: HostShare;
  maxFail?: HostShare;
}

/** How results are shown and kept. */
export interface OutputOptions {
  format?: Format;
  columns?: string[];
  diffHosts?: boolean;
  query?: string;
  output?: string;
  outputFormat?: "json" | "text" | "both";
  report?: string;
  /** True keeps results, false keeps nothing; default: hosts and statuses. */
  record?: boolean;
  plain?: boolean;
  color?: "auto" | "always" | "never";
  quiet?: boolean;
  verbose?: number;
}

export const INVENTORY_ROWS: readonly Row[] = [
  {
    flags: "-i, --inventory <source>",
    help:
      "inventory file or folder, or a list of hosts: web1,web2, (repeatable)",
    parse: repeatable,
    list: "inventory",
  },
  {
    flags: "--vault-password-file <file>",
    help:
      "file with the Ansible Vault password, or program that prints it; also " +
      "ID@FILE and ID@prompt (repeatable)",
    parse: repeatable,
    list: "path",
  },
  { flags: "--ask-vault-pass", help: "ask for the Ansible Vault password" },
];

export const HOST_ROWS: readonly Row[] = [
  ...INVENTORY_ROWS,
  {
    flags: "-l, --limit <pattern>",
    help: "use only these hosts and groups: web, db*, a:&b, a:!b",
  },
  {
    flags: "--shard <K/N>",
    help:
      "use only part K of N of these hosts, to share them among N machines; " +
      "or auto",
  },
  {
    flags: "-e, --extra-vars <vars>",
    help: "set variables on every host: KEY=VALUE, JSON or @FILE (repeatable)",
    parse: repeatable,
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
    help: "how to reach hosts",
    choices: TRANSPORTS,
  },
  {
    flags: "--private-key <file>",
    help: "log in with this key (repeatable)",
    parse: repeatable,
    list: "path",
  },
  {
    flags: "-k, --ask-pass",
    help:
      "ask for the login password, and for answers to hosts' other questions",
  },
  {
    flags: "--password-file <file>",
    help: "file with the login password, or program that prints it",
  },
  {
    flags: "--known-hosts <file>",
    help: "check host keys against this file (repeatable)",
    parse: repeatable,
    list: "path",
    default: "~/.ssh/known_hosts",
  },
  {
    flags: "--host-keys <policy>",
    help: "what to do when a host's key is unknown",
    choices: HOST_KEY_POLICIES,
    default: "check",
  },
  {
    flags: "--ssh-config <file>",
    help:
      "read this file instead of ~/.ssh/config and /etc/ssh/ssh_config; none " +
      "reads neither",
  },
  {
    flags: "--retry <number>",
    help: "retry unreachable hosts this many times",
    parse: numberOrZero,
  },
  {
    flags: "--connect-timeout <time>",
    help: "time limit for reaching a host, from name lookup to login",
    parse: seconds,
    default: formatDuration(SSH_DEFAULTS.connectTimeoutMs),
  },
  {
    flags: "--fanout <number>",
    help: "keep at most this many hosts open at once",
    parse: wholeNumber,
    default: String(CALL_DEFAULTS.fanout),
  },
  {
    flags: "--on-link-loss <policy>",
    help: "what to do with calls whose connection is lost",
    choices: ["kill", "finish"],
    default: "kill",
  },
  {
    flags: "--in-memory",
    help: "put nothing of ftl's on the disks of hosts",
  },
  WORKERS_ROW,
  KEEP_ROW,
  { flags: "-b, --become", help: "run as another user (env: FTL_BECOME)" },
  {
    flags: "--become-user <name>",
    help: "become this user; includes -b",
    default: "root",
  },
  {
    flags: "--become-method <name>",
    help: "program that switches to that user",
    choices: BECOME_METHODS,
    default: "sudo",
  },
  { flags: "-K, --ask-become-pass", help: "ask for the become password" },
  {
    flags: "--become-password-file <file>",
    help: "file with the become password, or program that prints it",
  },
];

export const MODULE_ROWS: readonly Row[] = [
  {
    flags: "-M, --module-dir <dir>",
    help: "search this folder, or this wheel or source distribution of " +
      "ansible-core, for modules (repeatable, searched in order)",
    parse: repeatable,
    list: "path",
  },
  {
    flags: "--module-utils <dir>",
    help: "search this folder for ansible.module_utils (repeatable)",
    parse: repeatable,
    list: "path",
  },
  {
    flags: "--collections-path <dir>",
    help: "search this folder for ansible_collections (repeatable)",
    parse: repeatable,
    list: "path",
  },
  {
    flags: "-r, --requirements <file>",
    help:
      "pip requirements file of the packages that modules import (repeatable)",
    parse: repeatable,
    list: "path",
  },
  {
    flags: "--wheelhouse <dir>",
    help: "folder with the wheels of these packages (repeatable)",
    parse: repeatable,
    list: "path",
  },
];

export const CALL_ROWS: readonly Row[] = [
  {
    flags: "--timeout <time>",
    help: "time limit for a call on each host; 0 means never",
    parse: secondsOrNever,
    default: formatDuration(CALL_DEFAULTS.timeoutMs),
  },
  { flags: "-C, --check", help: "change nothing, report what would change" },
  { flags: "-D, --diff", help: "show what changes, as a diff" },
  {
    flags: "--env <KEY=VALUE>",
    help: "set a variable in the module's environment (repeatable)",
    parse: repeatable,
  },
  { flags: "--no-log", help: "mask all arguments and results" },
  { flags: "--stream", help: "show output of hosts as it arrives" },
  {
    flags: "--max-output <size>",
    help: "keep this much of what a host prints: 500K, 48M at most",
    parse: outputSize,
    default: `${CALL_DEFAULTS.maxOutput / 1024 ** 2}M`,
  },
  {
    flags: "--serial <hosts>",
    help: "run on N (or N%) of the hosts at a time",
    parse: positiveShare,
  },
  {
    flags: "--max-fail <hosts>",
    help: "start no more hosts after more than N (or N%) have failed; needs " +
      "--serial or --fanout",
    parse: hostShare,
  },
  {
    flags: "--confirm <number>",
    help: "ask before a call runs on more than this many hosts",
    parse: numberOrZero,
  },
  { flags: "-y, --yes", help: "answer yes to that question" },
  { flags: "--list-hosts", help: "print the chosen hosts and exit" },
];

export const OUTPUT_ROWS: readonly Row[] = [
  {
    flags: "--format <name>",
    help: "output format",
    choices: FORMATS,
    default: "text",
  },
  {
    flags: "--columns <paths>",
    help: "columns of --format table: host,status,result.uptime",
    parse: commaSeparated,
  },
  {
    flags: "--diff-hosts",
    help: "show how results differ from the most common one",
  },
  {
    flags: "--query <expression>",
    help: "show only this part of each result, in JMESPath: result.stat.size",
  },
  {
    flags: "--output <dir>",
    help: "write the result of each host to a file in this folder",
  },
  {
    flags: "--output-format <kind>",
    help: "files of --output: HOST.json, HOST.txt with plain lines, or both",
    choices: ["json", "text", "both"],
    default: "json",
  },
  {
    flags: "--report <file>",
    help: "write a report of the run to this HTML file",
  },
  {
    flags: "--record",
    help: "keep results for `ftl runs show`, not only hosts and statuses",
  },
  { flags: "--no-record", help: "keep no record of this run" },
  {
    flags: "--plain",
    help: "write whole lines and redraw nothing: for screen readers and logs",
  },
  {
    flags: "--color <when>",
    help: "when to color text",
    choices: ["auto", "always", "never"],
    default: "auto",
  },
  { flags: "-q, --quiet", help: "show only failures and the summary" },
  {
    flags: "-v, --verbose",
    help: "show more detail (repeatable)",
    parse: (_, previous) => (previous as number | undefined ?? 0) + 1,
  },
];

/** The options of commands that make one call on the chosen hosts. */
export type OnHostsOptions =
  & HostOptions
  & ConnectOptions
  & NatsOptions
  & CallOptionValues
  & OutputOptions;
