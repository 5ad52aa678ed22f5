// Looks up host keys in the known_hosts files. The files are parsed once; plain
// names have an index, and hashed names and patterns are searched at most once per
// host. Format: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
import { base64Bytes } from "./base64_bytes.ts";
import { HashedNames } from "./hashed_names.ts";
import { matchesPatterns } from "../openssh_patterns.ts";

/** The text of one file. */
export interface KnownHostsFile {
  readonly path: string;
  readonly text: string;
}

/** A key as a host shows it. */
export interface HostKey {
  /** `"ssh-ed25519"` */
  readonly type: string;
  /** In the wire format of RFC 4253, section 6.6. */
  readonly blob: Uint8Array;
}

/** A line of a file, counted from 1. */
export interface KnownHostsLine {
  readonly file: string;
  readonly line: number;
}

/** A key that the files have for a host. */
export interface KnownKey extends KnownHostsLine {
  readonly type: string;
}

/** How the files judge a key. */
export type KeyVerdict =
  | ({ readonly verdict: "known" | "changed" | "revoked" } & KnownHostsLine)
  | {
    readonly verdict: "unknown";
    /** Keys of other types that the files have for this host. */
    readonly others: readonly KnownKey[];
    /** The line that trusts an authority to sign this host's key. */
    readonly authority?: KnownHostsLine;
  };

interface Entry extends KnownKey {
  readonly marker: "" | "@revoked" | "@cert-authority";
  readonly key: string;
}

interface PatternEntry {
  readonly patterns: readonly string[];
  readonly entry: Entry;
}

/** Parses the files; the first has priority. Invalid lines are skipped. */
export function parseKnownHosts(files: readonly KnownHostsFile[]): KnownHosts {
  const known = new KnownHosts();
  known.replace(files);
  return known;
}

/**
 * The invalid lines of a file, counted from 1; they never match a host.
 */
export function senselessLines(text: string): number[] {
  return text.split("\n").flatMap((line, i) =>
    /^\s*(?:#|$)/.test(line) || isSensible(parseLine(line)) ? [] : [i + 1]
  );
}

/** The name under which a host's keys are kept: `host` or `[host]:port`. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** The keys of the files. */
export class KnownHosts {
  readonly #plain = new Map<string, Entry[]>();
  #hashed = new HashedNames<Entry>();
  #patterns: PatternEntry[] = [];
  readonly #found = new Map<string, readonly Entry[]>();

  /** Takes the lines of these files in place of all others. */
  replace(files: readonly KnownHostsFile[]): void {
    this.#plain.clear();
    this.#hashed = new HashedNames();
    this.#patterns = [];
    this.#found.clear();
    for (const { path, text } of files) {
      text.split("\n").forEach((line, i) => this.add(line, path, i + 1));
    }
  }

  /** Adds one line of a file; skips an invalid one. */
  add(text: string, file: string, line: number): void {
    const parsed = parseLine(text);
    if (parsed === undefined) return;
    const { names, ...rest } = parsed;
    const entry = { ...rest, file, line };
    if (names.startsWith("|")) {
      const hashed = parseHashed(names);
      if (hashed) this.#hashed.add(hashed, entry);
      this.#found.clear();
    } else if (/[*?!]/.test(names)) {
      const patterns = names.toLowerCase().split(",");
      this.#patterns.push({ patterns, entry });
      this.#found.clear();
    } else {
      for (const name of names.toLowerCase().split(",")) {
        push(this.#plain, name, entry);
        this.#found.delete(name); // not all: searching hashes again is slow
      }
    }
  }

  /** Judges the key that a host shows. */
  check(host: string, port: number, key: HostKey): KeyVerdict {
    const verdict = this.#checkName(knownHostsName(host, port), key);
    if (port === 22 || !isNew(verdict)) return verdict;
    // As in OpenSSH: a key that is known for the name is known on every port,
    // unless the port has its own keys.
    const portless = this.#checkName(knownHostsName(host, 22), key);
    const decided = portless.verdict === "known" ||
      portless.verdict === "revoked";
    return decided ? portless : verdict;
  }

  /** The types of the known keys of a host, which are offered first. */
  keyTypes(host: string, port: number): string[] {
    const entries = [
      ...this.#entriesOf(knownHostsName(host, port)),
      ...this.#entriesOf(knownHostsName(host, 22)),
    ];
    const plain = entries.filter(({ marker }) => marker === "");
    return [...new Set(plain.map(({ type }) => type))];
  }

  /** The line of an authority, where no key of the host itself is known. */
  authorityAlone(host: string, port: number): KnownHostsLine | undefined {
    const entries = this.#entriesOf(knownHostsName(host, port));
    const has = (marker: Entry["marker"]) =>
      entries.find((entry) => entry.marker === marker);
    const authority = has("@cert-authority");
    if (authority === undefined || has("") !== undefined) return undefined;
    return { file: authority.file, line: authority.line };
  }

  #checkName(name: string, { type, blob }: HostKey): KeyVerdict {
    const key = blob.toBase64();
    const entries = this.#entriesOf(name);
    const trusted = entries.filter(({ marker }) => marker === "");
    const revoked = entries.find((entry) =>
      entry.marker === "@revoked" && entry.key === key
    );
    if (revoked) return verdictAt("revoked", revoked);
    const same = trusted.find((entry) => entry.key === key);
    if (same) return verdictAt("known", same);
    const changed = trusted.find((entry) => entry.type === type);
    if (changed) return verdictAt("changed", changed);
    const authority = entries.find(({ marker }) =>
      marker === "@cert-authority"
    );
    return {
      verdict: "unknown",
      others: trusted.map(({ type, file, line }) => ({ type, file, line })),
      ...(authority && {
        authority: { file: authority.file, line: authority.line },
      }),
    };
  }

  #entriesOf(name: string): readonly Entry[] {
    let found = this.#found.get(name);
    if (found === undefined) {
      found = [
        ...this.#plain.get(name) ?? [],
        ...this.#hashed.find(name),
        ...this.#patterns
          .filter(({ patterns }) => matchesPatterns(name, patterns))
          .map(({ entry }) => entry),
      ].filter(isSensible);
      this.#found.set(name, found);
    }
    return found;
  }
}

/** True when the files have no key at all for the host. */
export function isNew(verdict: KeyVerdict): boolean {
  return verdict.verdict === "unknown" && verdict.others.length === 0;
}

/**
 * True when the key of a line has the line's type. As in OpenSSH, a line is
 * skipped when its key has another type, is truncated, or is not exact base64.
 */
function isSensible(
  line: { readonly type: string; readonly key: string } | undefined,
): boolean {
  if (line === undefined) return false;
  const blob = base64Bytes(line.key);
  return blob !== undefined && blob.toBase64() === line.key && isWhole(blob) &&
    keyType(blob) === line.type;
}

/** True when a key in wire format ends with its last field. */
function isWhole(blob: Uint8Array): boolean {
  let at = 0;
  while (at + 4 <= blob.length) at += 4 + lengthAt(blob, at);
  return at === blob.length;
}

/** The type of a key in wire format: its first field. */
export function keyType(blob: Uint8Array): string {
  const length = blob.length < 4 ? 0 : lengthAt(blob, 0);
  return Array.from(
    blob.subarray(4, 4 + length),
    (byte) => String.fromCharCode(byte),
  ).join("");
}

/** The length of a field, which it starts with. */
function lengthAt(blob: Uint8Array, at: number): number {
  return new DataView(blob.buffer, blob.byteOffset).getUint32(at);
}

function verdictAt(
  verdict: "known" | "changed" | "revoked",
  { file, line }: KnownHostsLine,
): KeyVerdict {
  return { verdict, file, line };
}

function parseLine(
  text: string,
):
  | { names: string; marker: Entry["marker"]; type: string; key: string }
  | undefined {
  const words = text.trim().split(/[ \t]+/);
  if (words[0] === "" || words[0]?.startsWith("#")) return undefined;
  const marker = words[0]?.startsWith("@") ? words.shift() : "";
  const [names, type, key] = words;
  if (names === undefined || type === undefined || key === undefined) {
    return undefined;
  }
  const known = marker === "" || marker === "@revoked" ||
    marker === "@cert-authority";
  // A key of SSH protocol 1 has a number instead of a type.
  if (!known || /^\d+$/.test(type)) return undefined;
  return { names, marker, type, key };
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt. */
function parseHashed(
  name: string,
): { salt: string; hash: string } | undefined {
  const [, magic, salt, hash] = name.split("|");
  if (magic !== "1" || salt === undefined || hash === undefined) {
    return undefined;
  }
  return { salt, hash };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
