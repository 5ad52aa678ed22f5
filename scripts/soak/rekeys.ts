// How often a server exchanged keys again on connections that were open, by its log.

/** A line of sshd_config: each exchange is logged, and nothing else of its kind. */
export const LOG_NEW_KEYS = "LogVerbose kex.c:kex_input_newkeys():*";

/** Counts the exchanges in a log, without the first one of each connection. */
export function countRekeys(log: string): number {
  return log.split("\n").filter((line) =>
    line.includes("SSH2_MSG_NEWKEYS received") && !line.includes("[preauth]")
  ).length;
}
