// The counterparts in ftl of Ansible's settings, as data for the doctor; a test
// compares docs/from-ansible.md with it. Names are those of ansible.cfg, by
// section. The environment variable is `ANSIBLE_` and the upper-case name, unless
// `variable` is set.

/** The counterpart of a setting, and the name of Ansible's variable. */
export interface Counterpart {
  /** Options and variables of ftl, or what to do instead. */
  readonly use: string;
  readonly variable?: string;
}

const SETTINGS: Readonly<
  Record<string, Readonly<Record<string, Counterpart>>>
> = {
  defaults: {
    inventory: { use: "-i, or FTL_INVENTORY", variable: "ANSIBLE_INVENTORY" },
    library: { use: "-M, or FTL_MODULE_DIR", variable: "ANSIBLE_LIBRARY" },
    module_utils: {
      use: "--module-utils, or FTL_MODULE_UTILS",
      variable: "ANSIBLE_MODULE_UTILS",
    },
    collections_path: {
      use: "--collections-path, or FTL_COLLECTIONS_PATH",
      variable: "ANSIBLE_COLLECTIONS_PATH",
    },
    collections_paths: {
      use: "--collections-path, or FTL_COLLECTIONS_PATH",
      variable: "ANSIBLE_COLLECTIONS_PATHS",
    },
    remote_user: { use: "-u, or FTL_USER", variable: "ANSIBLE_REMOTE_USER" },
    remote_port: {
      use: "--port, or FTL_PORT",
      variable: "ANSIBLE_REMOTE_PORT",
    },
    private_key_file: {
      use: "--private-key, or FTL_PRIVATE_KEY",
      variable: "ANSIBLE_PRIVATE_KEY_FILE",
    },
    forks: { use: "--fanout, or FTL_FANOUT", variable: "ANSIBLE_FORKS" },
    timeout: {
      use: "--connect-timeout, or FTL_CONNECT_TIMEOUT",
      variable: "ANSIBLE_TIMEOUT",
    },
    task_timeout: {
      use: "--timeout, or FTL_TIMEOUT",
      variable: "ANSIBLE_TASK_TIMEOUT",
    },
    host_key_checking: {
      use: "--host-keys, or FTL_HOST_KEYS",
      variable: "ANSIBLE_HOST_KEY_CHECKING",
    },
    transport: {
      use: "-c, or FTL_CONNECTION",
      variable: "ANSIBLE_TRANSPORT",
    },
    interpreter_python: {
      use: "ansible_python_interpreter in the inventory",
      variable: "ANSIBLE_PYTHON_INTERPRETER",
    },
    vault_password_file: {
      use: "--vault-password-file",
      variable: "ANSIBLE_VAULT_PASSWORD_FILE",
    },
    no_log: { use: "--no-log", variable: "ANSIBLE_NO_LOG" },
    nocolor: { use: "--color never, or NO_COLOR", variable: "ANSIBLE_NOCOLOR" },
    force_color: { use: "--color always", variable: "ANSIBLE_FORCE_COLOR" },
    stdout_callback: {
      use: "--format, or FTL_FORMAT",
      variable: "ANSIBLE_STDOUT_CALLBACK",
    },
    gathering: {
      use: "the setup module: facts are gathered only on request",
      variable: "ANSIBLE_GATHERING",
    },
    remote_tmp: {
      use: "nothing: a gate is kept in ~/.ftl on the host, or in memory",
      variable: "ANSIBLE_REMOTE_TEMP",
    },
    executable: {
      use: "nothing: shell commands run in /bin/sh",
      variable: "ANSIBLE_EXECUTABLE",
    },
  },
  privilege_escalation: {
    become: { use: "-b" },
    become_user: { use: "--become-user" },
    become_method: { use: "--become-method" },
    become_ask_pass: { use: "-K" },
  },
  diff: { always: { use: "-D", variable: "ANSIBLE_DIFF_ALWAYS" } },
  ssh_connection: {
    ssh_args: { use: "~/.ssh/config", variable: "ANSIBLE_SSH_ARGS" },
    ssh_common_args: {
      use: "ansible_ssh_common_args in the inventory, or ~/.ssh/config",
      variable: "ANSIBLE_SSH_COMMON_ARGS",
    },
    ssh_extra_args: {
      use: "~/.ssh/config",
      variable: "ANSIBLE_SSH_EXTRA_ARGS",
    },
    retries: { use: "--retry, or FTL_RETRY", variable: "ANSIBLE_SSH_RETRIES" },
    pipelining: {
      use: "nothing: no temporary files are copied",
      variable: "ANSIBLE_PIPELINING",
    },
    control_path: {
      use: "nothing: one connection stays open for the whole run",
      variable: "ANSIBLE_SSH_CONTROL_PATH",
    },
    ssh_executable: {
      use: "nothing: -c openssh uses the ssh on PATH",
      variable: "ANSIBLE_SSH_EXECUTABLE",
    },
  },
};

/** The counterpart of a setting of ansible.cfg; undefined without one. */
export function counterpartOf(
  section: string,
  name: string,
): string | undefined {
  const settings = Object.hasOwn(SETTINGS, section) ? SETTINGS[section]! : {};
  return Object.hasOwn(settings, name) ? settings[name]!.use : undefined;
}

/** The counterpart of a variable of Ansible; undefined without one. */
export function counterpartOfVariable(variable: string): string | undefined {
  for (const settings of Object.values(SETTINGS)) {
    for (const [name, setting] of Object.entries(settings)) {
      if ((setting.variable ?? `ANSIBLE_${name.toUpperCase()}`) === variable) {
        return setting.use;
      }
    }
  }
  return undefined;
}

/** All settings that have a counterpart, as `section.name`. */
export const ANSIBLE_SETTINGS: readonly string[] = Object.entries(SETTINGS)
  .flatMap(([section, settings]) =>
    Object.keys(settings).map((name) => `${section}.${name}`)
  );
