// What the manual page says besides what help knows: files and variables that
// belong to no option.

/** Variables that no option stands for. */
export const MANUAL_VARIABLES:
  readonly (readonly [name: string, text: string])[] = [
    [
      "FTL_HOME",
      "Where gates, records and history are kept, in place of ~/.ftl.",
    ],
    [
      "FTL_RUNTIME_DIR",
      "Where a portable binary unpacks itself, in place of ~/.cache/ftl.",
    ],
    [
      "FTL_TRUST_FILES",
      "1: files that other users can write to are used as they are.",
    ],
    ["NO_COLOR", "Colour is used nowhere when this is not empty."],
    ["SSH_AUTH_SOCK", "The agent that keys are taken from."],
  ];

/** Files that are read or written on this machine and on hosts. */
export const MANUAL_FILES: readonly (readonly [path: string, text: string])[] =
  [
    [
      "~/.ftl",
      "Gates, packs, hints, records of runs, and the console's history. Its " +
      "owner alone may look into it; on hosts, gates are kept in a folder of the " +
      "same name.",
    ],
    [
      "~/.cache/ftl",
      "What a portable binary has unpacked; made anew if need be.",
    ],
    ["~/.ssh/config, /etc/ssh/ssh_config", "How hosts are reached."],
    ["~/.ssh/known_hosts", "The keys that hosts are known by."],
  ];
