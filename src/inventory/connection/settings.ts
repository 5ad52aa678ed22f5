// How a host wants to be reached: Ansible's connection variables as typed
// settings. What is returned is rendered and makes sense, or is an error that
// names the host and the variable.
import type { Host } from "../inventory.ts";
import type { Secret } from "../secret.ts";
import { type ConnectionKind, SettingReader } from "./setting_reader.ts";

/** What a host's variables say about reaching it; undefined where they are silent. */
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
  /** `ansible_ssh_private_key_file`, as it was written: `~` is not expanded. */
  readonly identityFile: string | undefined;
  /** The words of `ansible_ssh_common_args`, then of `ansible_ssh_extra_args`. */
  readonly sshArgs: readonly string[];
  /** `ansible_ssh_host_key_checking`. */
  readonly hostKeyChecking: boolean | undefined;
  /** `ansible_timeout`, which is in seconds there. */
  readonly connectTimeoutMs: number | undefined;
  /** `ansible_python_interpreter`; undefined also for `auto…`. */
  readonly pythonInterpreter: string | undefined;
  readonly become: BecomeSettings;
}

/** The `ansible_become*` variables. */
export interface BecomeSettings {
  readonly enabled: boolean | undefined;
  readonly method: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly executable: string | undefined;
  /** The words of `ansible_become_flags`. */
  readonly flags: readonly string[];
}

/** What else decides about a host's variables. */
export interface ConnectionOptions {
  /** Variables that win over all others (`--extra-vars`). */
  extraVars?: Readonly<Record<string, unknown>>;
}

/**
 * Reads a host's connection variables. Where Ansible knows several names for
 * one, the more specific wins (`ansible_ssh_user` over `ansible_user`).
 *
 * Passwords are read when they are revealed: one that is encrypted or cannot be
 * rendered is an error only for who needs it.
 *
 * @throws {InventoryError} naming host and variable.
 */
export async function connectionSettings(
  host: Host,
  options: ConnectionOptions = {},
): Promise<ConnectionSettings> {
  const reader = new SettingReader(host, options.extraVars);
  return {
    connection: await reader.kind(),
    address: await reader.word("ansible_ssh_host", "ansible_host"),
    port: await reader.port("ansible_ssh_port", "ansible_port"),
    user: await reader.word("ansible_ssh_user", "ansible_user"),
    password: await reader.secret(
      "ansible_ssh_password",
      "ansible_ssh_pass",
      "ansible_password",
    ),
    identityFile: await reader.text(
      "ansible_ssh_private_key_file",
      "ansible_private_key_file",
    ),
    sshArgs: [
      ...await reader.words("ansible_ssh_common_args"),
      ...await reader.words("ansible_ssh_extra_args"),
    ],
    hostKeyChecking: await reader.flag(
      "ansible_ssh_host_key_checking",
      "ansible_host_key_checking",
    ),
    connectTimeoutMs: await reader.seconds(
      "ansible_ssh_timeout",
      "ansible_timeout",
    ),
    pythonInterpreter: await reader.interpreter(),
    become: {
      enabled: await reader.flag("ansible_become"),
      method: await reader.word("ansible_become_method"),
      user: await reader.word("ansible_become_user"),
      password: await reader.secret(
        "ansible_become_password",
        "ansible_become_pass",
      ),
      executable: await reader.text("ansible_become_exe"),
      flags: await reader.words("ansible_become_flags"),
    },
  };
}
