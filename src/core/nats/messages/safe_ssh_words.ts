// The options of ssh in a host's variables that a worker may follow. Others start
// programs, load libraries, read or write files of the worker's machine, use
// connections that are open there, or lend its agent to a host; a sender has no right
// to any of that.
import { InventoryError } from "../../../errors.ts";
import { readSshArgs } from "../../route/ssh_args.ts";

const SAFE: ReadonlySet<string> = new Set([
  "addressfamily",
  "batchmode",
  "ciphers",
  "compression",
  "connectionattempts",
  "connecttimeout",
  "gssapiauthentication",
  "hostkeyalgorithms",
  "hostkeyalias",
  "hostname",
  "identitiesonly",
  "identityfile",
  "kbdinteractiveauthentication",
  "kexalgorithms",
  "loglevel",
  "macs",
  "passwordauthentication",
  "port",
  "preferredauthentications",
  "proxyjump",
  "pubkeyacceptedalgorithms",
  "pubkeyauthentication",
  "rekeylimit",
  "serveralivecountmax",
  "serveraliveinterval",
  "tcpkeepalive",
  "user",
]);

/**
 * New host keys would be written where others trust them. An `ssh` that is not up to
 * date makes a shell command of the bastion's name.
 */
function isSafe({ keyword, rest }: { keyword: string; rest: string }): boolean {
  if (keyword === "proxyjump" && !/^[\w.:@,[\]/% -]+$/.test(rest)) return false;
  return SAFE.has(keyword) ||
    (keyword === "stricthostkeychecking" && /^(?:yes|ask)$/i.test(rest));
}

/**
 * Checks the arguments of ssh in a host's variables.
 *
 * @throws {InventoryError} at the first that a worker does not follow.
 */
export function checkSshWords(host: string, words: readonly string[]): void {
  const { own, config } = readSshArgs(words);
  const found = config !== undefined
    ? "-F"
    : own.find((line) => line.kind !== "set" || !isSafe(line));
  if (found === undefined) return;
  const name = typeof found === "string"
    ? found
    : found.kind === "set"
    ? `-o ${found.keyword}`
    : found.kind;
  throw new InventoryError(
    `Cannot use ${name} of ansible_ssh_common_args of ${host} over NATS: a worker follows only what uses nothing of its own machine`,
    { host, hint: "Put it in ~/.ssh/config of the workers" },
  );
}
