// What packages say about ftl.

/** One line. */
export const SUMMARY = "runs automation modules on many hosts over SSH";

/** A few lines of at most 78 characters. */
export const DESCRIPTION: readonly string[] = [
  "ftl runs Ansible's modules, native Python functions, scripts and shell commands",
  "on many hosts, from the shell or from a console that stays connected. The hosts",
  "need Python or nothing at all; this machine needs no network and no packages.",
];
