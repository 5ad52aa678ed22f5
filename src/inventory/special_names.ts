// Ansible's "special variables": what ftl itself says of hosts and runs.

/** Those that an expression may use for any host, as they never lack a value. */
export const HOST_NAMES: readonly string[] = [
  ...["inventory_hostname", "inventory_hostname_short", "group_names"],
  ...["inventory_file", "inventory_dir", "omit", "ansible_playbook_python"],
];

/**
 * Those among the variables of each host when all are listed: `hostvars`, which
 * holds them, is not.
 */
export const TEMPLATE_NAMES: readonly string[] = [
  ...["inventory_hostname", "inventory_hostname_short", "group_names"],
  ...["inventory_file", "inventory_dir", "omit", "groups"],
  "ansible_facts",
];

/** All of them. A host says none: it would take another's name, or its groups. */
export const SPECIAL_NAMES: ReadonlySet<string> = new Set([
  ...HOST_NAMES,
  ...TEMPLATE_NAMES,
  ...["hostvars", "vars", "ansible_managed", "playbook_dir", "play_hosts"],
  ...["ansible_check_mode", "ansible_diff_mode", "ansible_verbosity"],
  ...["ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_batch"],
]);
