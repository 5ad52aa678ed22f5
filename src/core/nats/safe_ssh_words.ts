// The options of ssh in a host's variables that a worker may follow. Others start
// programs, load libraries or read files of the worker's machine, which a sender
// has no right to.
import { InventoryError } from "../../errors.ts";
import { readSshArgs } from "../route/ssh_args.ts";

const SAFE: ReadonlySet<string> = new Set([
  "addressfamily",
  "batchmode",
  "ciphers",
  "compression",
  "connectionattempts",
  "connecttimeout",
  "controlmaster",
  "controlpath",
  "controlpersist",
  "forwardagent",
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
  "stricthostkeychecking",
  "tcpkeepalive",
  "user",
  "userknownhostsfile",
]);

/**
 * Checks the arguments of ssh in a host's variables.
 *
 * @throws {InventoryError} at the first that a worker does not follow.
 */
export function checkSshWords(host: string, words: readonly string[]): void {
  const { own, config } = readSshArgs(words);
  const found = config !== undefined
    ? "-F"
    : own.find((line) => line.kind !== "set" || !SAFE.has(line.keyword));
  if (found === undefined) return;
  const name = typeof found === "string"
    ? found
    : found.kind === "set"
    ? `-o ${found.keyword}`
    : found.kind;
  throw new InventoryError(
    `Cannot use ${name} of ansible_ssh_common_args of ${host} over NATS: a worker follows only what starts no program on its machine`,
    { host, hint: "Put it in ~/.ssh/config of the workers" },
  );
}
