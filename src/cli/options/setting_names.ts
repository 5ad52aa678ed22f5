// Maps the library's settings to options, for hints: where the library writes
// "Raise `connectTimeoutMs`", the command line writes "Raise --connect-timeout".

/** Options, by the name of the library's setting. */
export const SETTING_NAMES: Readonly<Record<string, string>> = {
  agentSocket: "SSH_AUTH_SOCK",
  bastionPassword: "--password-file",
  become: "-b",
  "become.method": "--become-method",
  "become.password": "-K or --become-password-file",
  "become.user": "--become-user",
  collections: "--collections-path",
  delete: "--delete",
  connectTimeoutMs: "--connect-timeout",
  dirs: "-M",
  fanout: "--fanout",
  hostKeys: "--host-keys",
  identityFiles: "--private-key",
  inventory: "-i",
  knownHostsFiles: "--known-hosts",
  max_size: "--max-size",
  maxOutput: "--max-output",
  moduleOnly: "--force-module",
  moduleUtils: "--module-utils",
  parents: "--parents",
  password: "-k or --password-file",
  retries: "--retry",
  sshConfig: "--ssh-config",
  timeoutMs: "--timeout",
  transport: "-c",
  user: "-u",
  vault: "--vault-password-file or --ask-vault-pass",
  wheelhouses: "--wheelhouse",
};
