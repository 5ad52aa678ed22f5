// The parts of the manual page that do not come from help: files, and variables
// that belong to no option.

/** Environment variables without an option. */
export const MANUAL_VARIABLES:
  readonly (readonly [name: string, text: string])[] = [
    ["FTL_BECOME", "When 1, run as another user, as with --become."],
    [
      "FTL_CONFIG",
      "File of settings, instead of ftl.yml; when empty, none is used.",
    ],
    [
      "FTL_HOME",
      "Folder for gates, records and history, instead of ~/.ftl.",
    ],
    [
      "FTL_RUNTIME_DIR",
      "Folder that the portable binary unpacks itself to, instead of ~/.cache/ftl.",
    ],
    [
      "FTL_TRUST_FILES",
      "When 1, files that other users can write to are used without a check.",
    ],
    ["NO_COLOR", "When not empty, text is colored only with --color always."],
    ["SSH_AUTH_SOCK", "Socket of the SSH agent."],
  ];

/** Files that ftl reads or writes, on this machine and on hosts. */
export const MANUAL_FILES: readonly (readonly [path: string, text: string])[] =
  [
    [
      "~/.ftl",
      "Gates, packs, hints, records of runs, the history of the console, and " +
      "the sockets of sessions. Only its owner can read it. On hosts, a folder of the same name holds " +
      "gates.",
    ],
    [
      "~/.cache/ftl",
      "The unpacked portable binary; it is unpacked again when missing.",
    ],
    [
      "ftl.yml, ~/.config/ftl/ftl.yml",
      "Settings: names of long options and their values, as ftl config shows " +
      "them. The file in the current folder is used only when no other user " +
      "can change it.",
    ],
    ["~/.ssh/config, /etc/ssh/ssh_config", "Settings for reaching hosts."],
    ["~/.ssh/known_hosts", "Known host keys."],
  ];
