// The settings of the ssh_config files for one host: names expanded, numbers
// parsed. A keyword that changes a connection and is not supported here is
// reported, never silently ignored.
import { expandTokens, type Tokens } from "./expand_tokens.ts";
import { lookUpDirectives, type Subject } from "./config_lookup.ts";
import type { Condition, Directive, SshConfig } from "./parse_config.ts";
import type { HostKeyPolicy } from "../transport.ts";
import { canonicalAddress } from "./canonical_address.ts";
import { matchesPatterns } from "../openssh_patterns.ts";

/** A bastion, as `ProxyJump` names it. */
export interface JumpHost {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** The settings of a host; undefined when no line sets one. */
export interface SshSettings {
  readonly hostName: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly identityFiles: readonly string[];
  /** Offer only the keys of these files, not others of the agent. */
  readonly identitiesOnly: boolean;
  /** The agent's socket; `""` for none. */
  readonly identityAgent: string | undefined;
  readonly jumps: readonly JumpHost[];
  readonly proxyCommand: string | undefined;
  readonly userKnownHostsFiles: readonly string[] | undefined;
  readonly globalKnownHostsFiles: readonly string[] | undefined;
  readonly hostKeyAlias: string | undefined;
  readonly hostKeys: HostKeyPolicy | undefined;
  readonly connectTimeoutMs: number | undefined;
  readonly keepaliveMs: number | undefined;
  readonly keepaliveCount: number | undefined;
  /** Lists as written, with a leading `+`, `-` or `^`. */
  readonly ciphers: string | undefined;
  readonly kexAlgorithms: string | undefined;
  readonly macs: string | undefined;
  readonly hostKeyAlgorithms: string | undefined;
  /** The lines that set these values, by keyword. */
  readonly lines: ReadonlyMap<string, readonly Directive[]>;
  /** Lines that change this connection and are not supported. */
  readonly ignored: readonly (Directive | Condition)[];
}

/** What the expansion of tokens needs too. */
export interface ResolveSettingsOptions extends Subject {
  /** A port that was set elsewhere; no file can change it. */
  readonly port?: number | undefined;
  readonly home: string;
  /** This machine's name. */
  readonly localHost: string;
  readonly env: (name: string) => string | undefined;
}

/** The keywords that are followed; `IdentityFile` is, too, and collects all lines. */
const KEYWORDS = [
  "ciphers",
  "connecttimeout",
  "globalknownhostsfile",
  "hostkeyalgorithms",
  "hostkeyalias",
  "hostname",
  "identitiesonly",
  "identityagent",
  "ignoreunknown",
  "kexalgorithms",
  "macs",
  "port",
  "proxycommand",
  "proxyjump",
  "serveralivecountmax",
  "serveraliveinterval",
  "stricthostkeychecking",
  "user",
  "userknownhostsfile",
] as const;
type Keyword = typeof KEYWORDS[number];
const UNDERSTOOD: ReadonlySet<string> = new Set(KEYWORDS);

/** Keywords that do not affect a connection that only runs commands. */
const IRRELEVANT: ReadonlySet<string> = new Set([
  ..."addkeystoagent batchmode checkhostip clearallforwardings".split(" "),
  ..."compression controlmaster controlpath controlpersist".split(" "),
  ..."dynamicforward enableescapecommandline enablesshkeysign".split(" "),
  ..."escapechar exitonforwardfailure fingerprinthash".split(" "),
  ..."forkafterauthentication forwardx11 forwardx11timeout".split(" "),
  ..."forwardx11trusted gatewayports hashknownhosts".split(" "),
  ..."localcommand localforward loglevel logverbose".split(" "),
  ..."numberofpasswordprompts obscurekeystroketiming".split(" "),
  ..."permitlocalcommand permitremoteopen rekeylimit".split(" "),
  ..."remoteforward requesttty sendenv sessiontype stdinnull".split(" "),
  ..."streamlocalbindmask streamlocalbindunlink syslogfacility".split(" "),
  ..."tcpkeepalive tunnel tunneldevice updatehostkeys".split(" "),
  ..."visualhostkey xauthlocation".split(" "),
  // Another authentication method; a host that requires it reports that.
  ..."gssapiauthentication gssapidelegatecredentials".split(" "),
]);

/**
 * The other keywords of ssh_config(5), to which IgnoreUnknown does not apply.
 * Those that are read here or are irrelevant are not listed again.
 */
const OTHERS: ReadonlySet<string> = new Set([
  ..."addressfamily bindaddress bindinterface canonicaldomains".split(" "),
  ..."canonicalizefallbacklocal canonicalizehostname".split(" "),
  ..."canonicalizemaxdots canonicalizepermittedcnames".split(" "),
  ..."casignaturealgorithms certificatefile channeltimeout".split(" "),
  ..."challengeresponseauthentication connectionattempts".split(" "),
  ..."forwardagent hostbasedacceptedalgorithms ipqos".split(" "),
  ..."hostbasedauthentication hostbasedkeytypes".split(" "),
  ..."kbdinteractiveauthentication kbdinteractivedevices".split(" "),
  ..."knownhostscommand nohostauthenticationforlocalhost".split(" "),
  ..."passwordauthentication pkcs11provider".split(" "),
  ..."preferredauthentications proxyusefdpass".split(" "),
  ..."pubkeyacceptedalgorithms pubkeyacceptedkeytypes".split(" "),
  ..."pubkeyauthentication refuseconnection remotecommand".split(" "),
  ..."requiredrsasize revokedhostkeys securitykeyprovider".split(" "),
  ..."setenv smartcarddevice tag versionaddendum warnweakcrypto".split(" "),
]);

/**
 * Resolves the settings of a host from the files; the first has priority.
 *
 * @throws {SyntaxError} with file and line, when a value is invalid.
 */
export function resolveSshConfig(
  configs: readonly SshConfig[],
  options: ResolveSettingsOptions,
): SshSettings {
  const { values, identityFiles, unjudged } = lookUpDirectives(
    configs,
    options,
  );
  // An empty host name would mean this machine.
  const empty = [...values.values(), ...identityFiles].find(isEmpty);
  if (empty !== undefined) throw wrong(empty, "its value is missing");
  const line = (keyword: Keyword) => values.get(keyword);
  const word = (keyword: Keyword) => line(keyword)?.args[0];
  const unknown = word("ignoreunknown")?.toLowerCase().split(",") ?? [];
  const isIgnored = (keyword: string) => matchesPatterns(keyword, unknown);
  const name = expand(line("hostname"), { h: options.host }) ??
    options.host;
  // As in ssh; the interface in an address (`fe80::1%Eth0`) keeps its case.
  const hostName = name.includes("%")
    ? name
    : canonicalAddress(name.toLowerCase());
  const hostKeyAlias = word("hostkeyalias")?.toLowerCase();
  const port = options.port ?? portNumber(line("port"));
  const user = options.user ?? word("user");
  const tokens: Tokens = {
    d: options.home,
    h: hostName,
    k: hostKeyAlias ?? options.host,
    L: options.localHost.split(".")[0]!,
    l: options.localHost,
    n: options.host,
    p: String(port ?? 22),
    r: user ?? options.localUser,
    u: options.localUser,
  };
  const inPath = (directive: Directive, index = 0) =>
    expandTokens(directive, { index, tokens, path: options });
  const paths = (keyword: Keyword) => {
    const directive = line(keyword);
    return directive?.args.map((_, i) => inPath(directive, i))
      .filter((path) => path !== "none");
  };
  const proxyCommand = line("proxycommand");
  const agent = line("identityagent");
  return {
    hostName,
    user,
    port,
    identityFiles: identityFiles.map((one) => inPath(one))
      .filter((path) => path !== "none"),
    identitiesOnly: isYes(line("identitiesonly")),
    identityAgent: agent && agentSocket(inPath(agent), options),
    jumps: parseJumps(line("proxyjump"), tokens),
    proxyCommand: proxyCommand && proxyCommand.rest.toLowerCase() !== "none"
      ? expandTokens(proxyCommand, { tokens })
      : undefined,
    userKnownHostsFiles: paths("userknownhostsfile"),
    globalKnownHostsFiles: paths("globalknownhostsfile"),
    hostKeyAlias,
    hostKeys: hostKeyPolicy(line("stricthostkeychecking")),
    // 0 means the default: a connection needs some time.
    connectTimeoutMs: milliseconds(line("connecttimeout")) || undefined,
    keepaliveMs: milliseconds(line("serveraliveinterval")),
    keepaliveCount: wholeNumber(line("serveralivecountmax")),
    ciphers: word("ciphers"),
    kexAlgorithms: word("kexalgorithms"),
    macs: word("macs"),
    hostKeyAlgorithms: word("hostkeyalgorithms"),
    lines: new Map([
      ...[...values].map(([keyword, line]) => [keyword, [line]] as const),
      ["identityfile", identityFiles],
    ]),
    ignored: [
      ...[...values.values()].filter(({ keyword }) =>
        !UNDERSTOOD.has(keyword) && !IRRELEVANT.has(keyword) &&
        !(isIgnored(keyword) && !OTHERS.has(keyword))
      ),
      ...unjudged,
    ],
  };
}

function expand(
  directive: Directive | undefined,
  tokens: Tokens,
): string | undefined {
  return directive && expandTokens(directive, { index: 0, tokens });
}

/** `user@host:port, …`; `ssh://` before it is allowed. */
function parseJumps(
  directive: Directive | undefined,
  tokens: Tokens,
): JumpHost[] {
  const list = expand(directive, tokens);
  if (list === undefined || list.toLowerCase() === "none") return [];
  return list.split(",").map((item) => {
    const match =
      /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?\/?$/
        .exec(item.trim());
    const [, user, bracketed, plain, port] = match ?? [];
    const host = bracketed ?? plain;
    if (host === undefined) {
      throw wrong(directive!, `${JSON.stringify(item)} is not a host`);
    }
    return {
      host,
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port: portNumber(directive, port)! }),
    };
  });
}

function agentSocket(
  path: string,
  { env }: ResolveSettingsOptions,
): string | undefined {
  if (path.toLowerCase() === "none") return "";
  if (path === "SSH_AUTH_SOCK") return undefined;
  return path.startsWith("$") ? env(path.slice(1)) : path;
}

function hostKeyPolicy(
  directive: Directive | undefined,
): SshSettings["hostKeys"] {
  switch (directive?.args[0]?.toLowerCase()) {
    case undefined:
      return undefined;
    case "accept-new":
      return "accept-new";
    case "no":
    case "off":
      return "off";
    case "yes":
    case "ask": // ftl does not ask about host keys
      return "check";
    default:
      throw wrong(
        directive!,
        `${JSON.stringify(directive!.rest)} is not a policy`,
      );
  }
}

function isEmpty({ keyword, args: [word = ""] }: Directive): boolean {
  return word === "" &&
    (UNDERSTOOD.has(keyword) || keyword === "identityfile");
}

function isYes(directive: Directive | undefined): boolean {
  const word = directive?.args[0]?.toLowerCase();
  return word === "yes" || word === "true";
}

function wholeNumber(directive: Directive | undefined): number | undefined {
  if (directive === undefined) return undefined;
  const [word = ""] = directive.args;
  if (!/^\d{1,9}$/.test(word)) {
    throw wrong(directive, `${JSON.stringify(word)} is not a whole number`);
  }
  return Number(word);
}

function portNumber(
  directive: Directive | undefined,
  word = directive?.args[0],
): number | undefined {
  if (directive === undefined) return undefined;
  const port = /^\d{1,9}$/.test(word ?? "") ? Number(word) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw wrong(directive, `${JSON.stringify(word)} is not a port`);
}

/** Time as in sshd_config(5), TIME FORMATS: `90`, `1m30s`. */
function milliseconds(directive: Directive | undefined): number | undefined {
  const word = directive?.args[0]?.toLowerCase();
  if (word === undefined || word === "none") return undefined;
  if (!/^(?:\d{1,9}[smhdw])*(?:\d{1,9}[smhdw]?)$/.test(word)) {
    throw wrong(directive!, `${JSON.stringify(word)} is not a time`);
  }
  const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  const parts = word.matchAll(/(\d+)([smhdw]?)/g);
  return 1000 *
    [...parts].reduce(
      (sum, [, count, unit]) =>
        sum + Number(count) * units[(unit || "s") as keyof typeof units],
      0,
    );
}

function wrong(
  { keyword, file, line }: Directive,
  reason: string,
): SyntaxError {
  return new SyntaxError(
    `Cannot use ${keyword} in ${file}:${line}: ${reason}`,
  );
}
