// Which of the two SSH transports a host gets, and why. Ours is lighter and can
// ask people; the system's `ssh` is for what ours cannot do. Pure: what is on the
// disk and in the agent is given.
import type { Condition, Directive } from "../ssh_config/parse_config.ts";

/** What a choice is made from. */
export interface ChoiceOptions {
  /** What somebody wants, whatever the host needs. */
  readonly asked: "ssh" | "openssh" | undefined;
  /** Lines that our transport would not follow. */
  readonly ignored: readonly (Directive | Condition)[];
  /** The lines about Kerberos, and whether there is a ticket. */
  readonly kerberos: readonly Directive[];
  readonly hasTicket: boolean;
  /** The keys that the host would be offered from files. */
  readonly keys: readonly KeyFile[];
  /** The types of the agent's keys, where it would be asked for them. */
  readonly agentKeys: readonly string[];
  /** The line of known_hosts that is all that is known of the host. */
  readonly authority:
    | { readonly file: string; readonly line: number }
    | undefined;
}

/** What there is to know of a key file without its passphrase. */
export interface KeyFile {
  readonly path: string;
  /** The certificate beside it. */
  readonly certificate: string | undefined;
  /** What our transport cannot read in it. */
  readonly trouble: "a security key" | "a PKCS#8 key" | undefined;
}

/** A transport, and what the usual one cannot do if it is not that. */
export interface Choice {
  readonly transport: "ssh" | "openssh";
  readonly reason: string | undefined;
}

/** Values that leave a connection as it is. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  addressfamily: ["any"],
  canonicalizehostname: ["no"],
  certificatefile: ["none"],
  hostbasedauthentication: ["no"],
  knownhostscommand: ["none"],
  nohostauthenticationforlocalhost: ["no"],
  pkcs11provider: ["none"],
  proxyusefdpass: ["no"],
  pubkeyauthentication: ["yes", "true"],
  revokedhostkeys: ["none"],
  securitykeyprovider: ["internal"],
  stdinnull: ["no"],
  verifyhostkeydns: ["no"],
  forwardagent: ["no"],
};

/**
 * What changes what a login offers or a command sees, not whether a host can be
 * reached: no reason to leave our transport. It is named at -v.
 */
const NAMED_ONLY: ReadonlySet<string> = new Set([
  ..."canonicaldomains canonicalizefallbacklocal canonicalizemaxdots".split(
    " ",
  ),
  ..."canonicalizepermittedcnames casignaturealgorithms".split(" "),
  ..."challengeresponseauthentication channeltimeout".split(" "),
  ..."connectionattempts forwardagent gssapiclientidentity".split(" "),
  ..."gssapikeyexchange gssapikexalgorithms gssapirenewalforcesrekey".split(
    " ",
  ),
  ..."gssapiserveridentity gssapitrustdns hostbasedacceptedalgorithms".split(
    " ",
  ),
  ..."hostbasedkeytypes ipqos kbdinteractiveauthentication".split(" "),
  ..."kbdinteractivedevices passwordauthentication".split(" "),
  ..."preferredauthentications pubkeyacceptedalgorithms".split(" "),
  ..."pubkeyacceptedkeytypes remotecommand requiredrsasize setenv tag".split(
    " ",
  ),
  ..."usekeychain versionaddendum warnweakcrypto".split(" "),
]);

/** What `ssh` asks for with a command: ours are not started by it. */
const OF_COMMANDS: ReadonlySet<string> = new Set([
  "forwardagent",
  "remotecommand",
  "setenv",
]);

/** Says by which transport a host is reached. */
export function chooseTransport(options: ChoiceOptions): Choice {
  const { asked } = options;
  if (asked !== undefined) return { transport: asked, reason: undefined };
  const reason = lineReason(options) ?? keyReason(options) ??
    authorityReason(options);
  return { transport: reason === undefined ? "ssh" : "openssh", reason };
}

/** The lines that a transport does not follow, less those without effect. */
export function notFollowed(
  lines: ChoiceOptions["ignored"],
  transport: Choice["transport"],
): readonly (Directive | Condition)[] {
  const left = lines.filter((line) =>
    line.kind !== "set" ||
    !WITHOUT_EFFECT[line.keyword]?.includes(line.rest.toLowerCase())
  );
  return transport === "ssh"
    ? left
    : left.filter((line) =>
      line.kind === "set" && OF_COMMANDS.has(line.keyword)
    );
}

function lineReason(
  { ignored, kerberos, hasTicket }: ChoiceOptions,
): string | undefined {
  const line = notFollowed(ignored, "ssh").find((line) =>
    line.kind !== "set" || !NAMED_ONLY.has(line.keyword)
  );
  if (line !== undefined) {
    return at(line.kind === "set" ? line.keyword : line.kind, line);
  }
  // Distributions switch it on for everybody, and it does nothing without.
  const on = kerberos.find(({ rest }) => /^(yes|true)$/i.test(rest));
  return on && hasTicket
    ? `${at(on.keyword, on)}, and there is a ticket`
    : undefined;
}

function keyReason({ keys, agentKeys }: ChoiceOptions): string | undefined {
  const certified = keys.find(({ certificate }) => certificate !== undefined);
  if (certified) return `the certificate ${certified.certificate}`;
  if (agentKeys.some(isCertificate)) return "a certificate of the agent";
  const strange = keys.find(({ trouble }) => trouble !== undefined);
  const isPlain = keys.some(({ trouble }) => trouble === undefined) ||
    agentKeys.some((type) => !isSecurityKey(type));
  // A key that ours can use is enough.
  if (isPlain) return undefined;
  if (strange) return `${strange.path} is ${strange.trouble}`;
  return agentKeys.length > 0 ? "a security key of the agent" : undefined;
}

function authorityReason({ authority }: ChoiceOptions): string | undefined {
  return authority && at("the host's certificate, as of", authority);
}

function isCertificate(type: string): boolean {
  return /-cert-v\d\d@openssh\.com$/.test(type);
}

function isSecurityKey(type: string): boolean {
  return type.startsWith("sk-");
}

function at(
  what: string,
  { file, line }: { file: string; line: number },
): string {
  return what.startsWith("the ")
    ? `${what} ${file}:${line}`
    : `${what} of ${file}:${line}`;
}
