// The keys in which a call through Ansible and the same call through ftl may
// differ, each with the reason. Never `status`, `changed`, `failed`, `rc` or
// `msg`: these always agree. `a.b` is the key `b` of the object `a`; a bare key
// is at the top level only.

/** Keys of results that are not compared. */
export interface IgnoredKeys {
  /** Whose results; absent: every module's. */
  readonly modules?: readonly string[];
  readonly keys: readonly string[];
  readonly reason: string;
}

export const IGNORED: readonly IgnoredKeys[] = [
  {
    keys: ["changed", "failed", "skipped"],
    reason: "compared by what they mean: Ansible adds those that are absent",
  },
  {
    keys: [
      "action",
      "_ansible_no_log",
      "_ansible_verbose_always",
      "_ansible_verbose_override",
    ],
    reason: "Ansible's callback writes the task into the result",
  },
  {
    keys: ["exception"],
    reason: "a traceback names the places of files",
  },
  {
    keys: ["stdout_lines", "stderr_lines"],
    reason:
      "Ansible's controller splits stdout and stderr; ftl leaves that to who wants lines",
  },
  {
    keys: ["start", "end", "delta", "elapsed"],
    reason: "when the call was made, and how long it took",
  },
  {
    keys: ["module_args.update_password"],
    reason: "ftl masks in its own field whatever has a password's name",
  },
  {
    modules: ["copy"],
    keys: ["invocation", "src", "diff.after_header"],
    reason: "Ansible's action shows its own temporary files",
  },
  {
    modules: ["assemble"],
    keys: ["invocation", "src", "diff.after_header", "backup_file"],
    reason: "Ansible's action shows its own temporary files, and the time",
  },
  {
    modules: ["pause"],
    keys: ["stop", "stdout"],
    reason: "they show how long it took, to the millisecond",
  },
  {
    modules: ["gather_facts"],
    keys: [
      "ansible_env.SSH_CLIENT",
      "ansible_env.SSH_CONNECTION",
      "ansible_env._",
      "ansible_facts._ansible_facts_gathered",
    ],
    reason:
      "as for setup; the last is a note of Ansible's controller to itself",
  },
  {
    modules: ["unarchive"],
    keys: ["invocation", "src", "extract_results.cmd"],
    reason: "they show where the file was sent to",
  },
  {
    modules: ["get_url"],
    keys: ["src"],
    reason: "it shows where the download was put first",
  },
  {
    modules: ["fetch"],
    keys: ["invocation"],
    reason: "Ansible's action shows the part that failed, another module",
  },
  {
    modules: ["uri"],
    keys: ["module_args.src"],
    reason: "it shows where the file was sent to",
  },
  {
    modules: ["stat"],
    keys: ["stat.ctime", "stat.version", "stat.inode"],
    reason: "the file is created again for each of the two calls",
  },
  {
    modules: ["find"],
    keys: ["files.ctime", "files.inode"],
    reason: "the files are created again for each of the two calls",
  },
  {
    modules: ["lineinfile", "ini_file", "community.general.ini_file", "copy"],
    keys: ["backup", "backup_file"],
    reason: "the name holds the process and the time",
  },
  {
    modules: ["ping"],
    keys: ["module_stdout", "module_stderr"],
    reason: "of a crash; ftl gives stdout and stderr beside the result",
  },
  {
    modules: ["file"],
    keys: [
      "before.atime",
      "before.mtime",
      "after.atime",
      "after.mtime",
    ],
    reason: "touch says what time it is",
  },
  {
    modules: ["setup"],
    keys: [
      "ansible_facts.ansible_date_time",
      "ansible_facts.ansible_loadavg",
      "ansible_facts.ansible_memfree_mb",
      "ansible_facts.ansible_memory_mb",
      "ansible_facts.ansible_mounts",
      "ansible_facts.ansible_swapfree_mb",
      "ansible_facts.ansible_uptime_seconds",
      "ansible_facts.ansible_local",
    ],
    reason: "measured when the call was made",
  },
  {
    modules: ["setup"],
    keys: [
      "ansible_env.SSH_CLIENT",
      "ansible_env.SSH_CONNECTION",
      "ansible_env._",
    ],
    reason: "each has its own connection, and Ansible runs Python by sh -c",
  },
  {
    modules: ["setup"],
    keys: [
      "ansible_facts.ansible_interfaces",
      "ansible_facts.ansible_virtualization_tech_guest",
    ],
    reason: "made from a set: in no order, with Ansible itself too",
  },
  {
    modules: ["tempfile"],
    keys: ["path"],
    reason: "the name is random",
  },
];
