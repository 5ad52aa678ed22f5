// Ansible's connection variables of a host as typed settings. Values are rendered
// and valid; anything else is an error that names the host and the variable.
import type { InventoryError } from "../../errors.ts";
import type { Host } from "../inventory.ts";
import type { Secret } from "../secret_value.ts";
import { type ConnectionKind, SettingReader } from "./setting_reader.ts";

/** How to reach a host, from its variables; undefined when they are not set. */
export interface ConnectionSettings {
  /** `ansible_connection`. */
  readonly connection: ConnectionKind | undefined;
  /** `ansible_host`: a name or an address. */
  readonly address: string | undefined;
  /** `ansible_port`. */
  readonly port: number | undefined;
  /** `ansible_user`. */
  readonly user: string | undefined;
  /** `ansible_password`. */
  readonly password: Secret | undefined;
  /** `ansible_ssh_private_key_file`; `~` is not expanded. */
  readonly identityFile: string | undefined;
  /** `ansible_ssh_common_args`, then `ansible_ssh_extra_args`, split into arguments. */
  readonly sshArgs: readonly string[];
  /** `ansible_ssh_host_key_checking`. */
  readonly hostKeyChecking: boolean | undefined;
  /** `ansible_timeout`, converted from seconds. */
  readonly connectTimeoutMs: number | undefined;
  /**
   * `ansible_python_interpreter` as it was written, or why it has no value: a
   * shell command needs none.
   */
  readonly pythonInterpreter: string | InventoryError | undefined;
  /** `ftl_in_memory`. */
  readonly inMemory: boolean | undefined;
  readonly become: BecomeSettings;
  /** The names of the variables that these settings come from. */
  readonly variables: ReadonlySet<string>;
}

/** The `ansible_become*` variables. */
export interface BecomeSettings {
  readonly enabled: boolean | undefined;
  readonly method: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly executable: string | undefined;
  /** `ansible_become_flags`, split into arguments. */
  readonly flags: readonly string[];
}

/** What a host has whose variables say nothing about it. */
export const NO_BECOME: BecomeSettings = {
  enabled: undefined,
  method: undefined,
  user: undefined,
  password: undefined,
  executable: undefined,
  flags: [],
};

/** What overrides a host's variables. */
export interface ConnectionSettingsOptions {
  /** Variables that win over all others. */
  extraVars?: Readonly<Record<string, unknown>>;
  /** A become method that wins over the host's. */
  becomeMethod?: string | undefined;
}

/**
 * The variables of each setting. Where Ansible has several names for one, the
 * most specific comes first, and wins.
 */
export const CONNECTION_VARIABLES = {
  connection: ["ansible_connection"],
  address: ["ansible_ssh_host", "ansible_host"],
  port: ["ansible_ssh_port", "ansible_port"],
  user: ["ansible_ssh_user", "ansible_user"],
  password: ["ansible_ssh_password", "ansible_ssh_pass", "ansible_password"],
  identityFile: ["ansible_ssh_private_key_file", "ansible_private_key_file"],
  commonArgs: ["ansible_ssh_common_args"],
  extraArgs: ["ansible_ssh_extra_args"],
  hostKeyChecking: [
    "ansible_ssh_host_key_checking",
    "ansible_host_key_checking",
  ],
  connectTimeout: ["ansible_ssh_timeout", "ansible_timeout"],
  pythonInterpreter: ["ansible_python_interpreter"],
  inMemory: ["ftl_in_memory"],
  become: ["ansible_become"],
  becomeMethod: ["ansible_become_method"],
  becomeUser: ["ansible_become_user"],
  becomePassword: ["ansible_become_password", "ansible_become_pass"],
  becomeExecutable: ["ansible_become_exe"],
  becomeFlags: ["ansible_become_flags"],
} as const;

/**
 * Reads a host's connection variables.
 *
 * Passwords are read when they are needed: one that cannot be decrypted or
 * rendered is an error only then.
 *
 * @throws {InventoryError} with host and variable.
 */
export async function connectionSettings(
  host: Host,
  options: ConnectionSettingsOptions = {},
): Promise<ConnectionSettings> {
  const reader = new SettingReader(host, options.extraVars);
  const names = CONNECTION_VARIABLES;
  const method = await reader.word(...names.becomeMethod);
  // `ansible_sudo_user` is for sudo only.
  const own = `ansible_${options.becomeMethod ?? method ?? "sudo"}`;
  const settings = {
    connection: await reader.kind(),
    address: await reader.word(...names.address),
    port: await reader.port(...names.port),
    user: await reader.word(...names.user),
    password: reader.secret(...names.password),
    identityFile: await reader.text(...names.identityFile),
    sshArgs: [
      ...await reader.words(...names.commonArgs),
      ...await reader.words(...names.extraArgs),
    ],
    hostKeyChecking: await reader.flag(...names.hostKeyChecking),
    connectTimeoutMs: await reader.seconds(...names.connectTimeout),
    pythonInterpreter: await reader.optional(...names.pythonInterpreter),
    inMemory: await reader.flag(...names.inMemory),
    become: {
      enabled: await reader.flag(...names.become),
      method,
      user: await reader.word(`${own}_user`, ...names.becomeUser),
      password: reader.secret(`${own}_pass`, ...names.becomePassword),
      executable: await reader.text(`${own}_exe`, ...names.becomeExecutable),
      flags: await reader.words(`${own}_flags`, ...names.becomeFlags),
    },
  };
  return { ...settings, variables: reader.used };
}
