// The files of ssh: known_hosts and ssh_config.
import fc from "fast-check";
import {
  parseKnownHosts,
  senselessLines,
} from "../../../src/transport/known_hosts/known_hosts.ts";
import { resolveSshConfig } from "../../../src/transport/ssh_config/host_settings.ts";
import { parseSshConfig } from "../../../src/transport/ssh_config/parse_config.ts";
import { linesOf, repeated, wordsOf } from "../grammar.ts";
import { type Target, textOf } from "../target.ts";

const KEY = "AAAAC3NzaC1lZDI1NTE5AAAAI" + "A".repeat(43);
const knownLine = wordsOf([
  "web1",
  "[web1]:2222",
  "*",
  "!web1",
  ",",
  " ",
  "\t",
  "ssh-ed25519",
  KEY,
  "@revoked",
  "@cert-authority",
  "|1|",
  "aGk=",
  "|",
  "#",
  "AAAA",
  "\r",
  "[",
  "]:",
  "99999999",
], 10);

/** A line of ssh_config. `exec` is left out: it would run commands. */
export const configLine: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      "Host",
      "Match",
      "HostName",
      "User",
      "Port",
      "IdentityFile",
      "ProxyJump",
      "ProxyCommand",
      "UserKnownHostsFile",
      "HostKeyAlias",
      "StrictHostKeyChecking",
      "ConnectTimeout",
      "ServerAliveInterval",
      "Ciphers",
      "KexAlgorithms",
      "MACs",
      "IdentitiesOnly",
      "IdentityAgent",
      "SendEnv",
      "ServerAliveCountMax",
      "CanonicalizeHostname",
      "HostKeyAlgorithms",
      "Tag",
      "X",
    ),
    fc.constantFrom(" ", "=", "  ", "\t", " = "),
    wordsOf([
      "web1",
      "*",
      "?",
      "!",
      "host ",
      "all",
      "user ",
      "originalhost ",
      "final",
      "canonical",
      "%h",
      "%p",
      "%%",
      "%",
      "%z",
      '"',
      "'",
      "\\",
      " ",
      ",",
      "none",
      "yes",
      "no",
      "22",
      "0",
      "-1",
      "99999",
      "10m",
      "1h5s",
      "a@b:22",
      "ssh://a",
      "/x",
      "~/k",
      "${HOME}",
      "#",
      "=",
      "accept-new",
      "aes128-ctr",
      "+",
      "-",
      "^",
    ], 6),
  ).map((parts) => parts.join("")),
  fc.constantFrom("", "# comment", "Host", "Match", "\tHost *"),
);

export const sshFileTargets: readonly Target[] = [
  {
    name: "known_hosts",
    grammar: fc.oneof(
      linesOf(knownLine),
      repeated(fc.constantFrom("*", "*a", "|1|", ",")),
    ),
    read(input) {
      const text = textOf(input);
      senselessLines(text);
      const known = parseKnownHosts([{ path: "known_hosts", text }]);
      const key = { type: "ssh-ed25519", blob: new Uint8Array(51) };
      for (
        const [host, port] of [["web1", 22], ["web1", 2222], [
          "a".repeat(200),
          22,
        ]] as const
      ) {
        known.check(host, port, key);
        known.keyTypes(host, port);
        known.authorityAlone(host, port);
      }
    },
  },
  {
    name: "ssh_config",
    grammar: fc.oneof(
      linesOf(configLine),
      repeated(configLine.map((line) => `${line}\n`), 500),
      repeated(fc.constantFrom("Host *", "*a", '"', "!")),
    ),
    read(input) {
      const file = { path: "config", text: textOf(input) };
      const config = parseSshConfig(file, () => []);
      resolveSshConfig([config], {
        host: "web1",
        user: undefined,
        localUser: "root",
        exec: () => false,
        home: "/root",
        localHost: "here",
        env: () => undefined,
      });
    },
  },
];
