// Chooses one of the two SSH transports for a host, with the reason. The ssh
// transport is lighter and can ask the user; the system's `ssh` is for what it
// cannot do. Pure: the caller reads the disk and the agent.
import type { Condition, Directive } from "../ssh_config/parse_config.ts";

/** The facts that decide. */
export interface ChoiceOptions {
  /** The transport that the user asks for, which decides alone. */
  readonly asked: "ssh" | "openssh" | undefined;
  /** Lines that the ssh transport would not follow. */
  readonly ignored: readonly (Directive | Condition)[];
  /** The lines about Kerberos, and whether there is a ticket. */
  readonly kerberos: readonly Directive[];
  readonly hasTicket: boolean;
  /** The keys in files that the host would be offered. */
  readonly keys: readonly KeyFile[];
  /** The types of the agent's keys, where the agent is used. */
  readonly agentKeys: readonly string[];
  /** The line that trusts an authority, where no key of the host is known. */
  readonly authority:
    | { readonly file: string; readonly line: number }
    | undefined;
  /** Why the ssh transport could not reach the host the last time. */
  readonly remembered?: string | undefined;
}

/** What a key file shows without its passphrase. */
export interface KeyFile {
  readonly path: string;
  /** The path of its certificate. */
  readonly certificate: string | undefined;
  /** Why the ssh transport cannot read it. */
  readonly trouble: "a security key" | "a PKCS#8 key" | undefined;
}

/** A transport, and why it is not the usual one. */
export interface Choice {
  readonly transport: "ssh" | "openssh";
  readonly reason: string | undefined;
}

/** Values that do not change a connection. */
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
 * Keywords that change what a login offers or a command sees, but not whether a
 * host can be reached: no reason to use another transport. They are shown at -v.
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

/** Keywords for commands that `ssh` starts: those of ftl are not. */
const OF_COMMANDS: ReadonlySet<string> = new Set([
  "forwardagent",
  "remotecommand",
  "setenv",
]);

/** Chooses the transport of a host. */
export function chooseTransport(options: ChoiceOptions): Choice {
  const { asked } = options;
  if (asked !== undefined) return { transport: asked, reason: undefined };
  const reason = lineReason(options) ?? keyReason(options) ??
    authorityReason(options) ?? options.remembered;
  return { transport: reason === undefined ? "ssh" : "openssh", reason };
}

/** The lines that a transport ignores, without those that have no effect. */
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
  // Distributions enable it by default; without a ticket it has no effect.
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
  // One key that the ssh transport can use is enough.
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
