// The hosts of the test fleet: where each one is, which server answers for it,
// it, and what is special about it.

import { newerRootNeed } from "../root_tree.ts";

/** One OpenSSH server of the fleet; it may answer for several hosts. */
export interface ServerPlan {
  readonly network: string;
  /** Lines of sshd_config that count more than the usual ones. */
  readonly config?: readonly string[];
  /** Has a key of its own, which an authority has signed. */
  readonly signed?: boolean;
  /** Is that of Debian 13, with its sudo-rs. */
  readonly newer?: boolean;
  /** Has keys of ECDSA, its own and its users'. */
  readonly ecdsa?: boolean;
}

/** One host of the fleet. */
export interface HostPlan {
  readonly name: string;
  readonly server: string;
  /** Its address; a number is the last part of one that we reach directly. */
  readonly address: string | number;
  readonly user?: string;
  readonly jump?: string;
  /** How known_hosts knows it. Default: `known`. */
  readonly standing?:
    | "known"
    | "unknown"
    | "changed"
    | "revoked"
    | "signed"
    | "missigned";
  readonly hint: string;
}

/** How many names there are behind the stock bastion. */
export const INNER_HOSTS = 40;

/** What Debian's sshd does when it is told nothing. */
const STOCK = ["MaxStartups 10:30:100", "MaxSessions 10"];

/** Bans after one connection that logs in to nothing. */
const BANNING = [
  "PerSourcePenalties authfail:8 noauth:8 min:5 max:60",
  "PasswordAuthentication yes",
  "MaxAuthTries 2",
];

const PASSWORD_ONLY = ["PasswordAuthentication yes", "PubkeyAuthentication no"];
const QUESTIONS_ONLY = [
  "UsePAM yes",
  "KbdInteractiveAuthentication yes",
  "PubkeyAuthentication no",
];

/** What FIPS 140 and hardening guides leave, and new keys all the time. */
const STRICT = [
  "KexAlgorithms ecdh-sha2-nistp256,ecdh-sha2-nistp384,diffie-hellman-group16-sha512",
  "Ciphers aes256-gcm@openssh.com,aes256-ctr,aes128-gcm@openssh.com,aes128-ctr",
  "MACs hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256",
  "HostKeyAlgorithms ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256",
  "PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256",
  "RekeyLimit 1M 20s",
];

export const SERVERS: Readonly<Record<string, ServerPlan>> = {
  plain: { network: "front" },
  signed: { network: "front", signed: true },
  password: { network: "front", config: PASSWORD_ONLY },
  questions: { network: "front", config: QUESTIONS_ONLY },
  accounts: { network: "front", config: ["UsePAM yes"] },
  closed: { network: "front", config: ["AllowTcpForwarding no"] },
  single: { network: "front", config: ["MaxSessions 1"] },
  strange: {
    network: "front",
    config: ["KexAlgorithms sntrup761x25519-sha512@openssh.com"],
  },
  strict: { network: "front", ecdsa: true, config: STRICT },
  ...newerRootNeed.ignore ? {} : {
    newer: { network: "front", newer: true },
    banning: { network: "front", newer: true, config: BANNING },
    "strict-newer": {
      network: "front",
      newer: true,
      ecdsa: true,
      config: STRICT,
    },
  },
  far: { network: "far" },
  bastion: { network: "bastion", config: STOCK },
  inner: { network: "inner", config: STOCK },
  second: { network: "second", config: STOCK },
  deep: { network: "deep" },
};

export const HOSTS: readonly HostPlan[] = [
  { name: "plain", server: "plain", address: 20, hint: "accepts a key" },
  {
    name: "unknown",
    server: "plain",
    address: 21,
    standing: "unknown",
    hint: "its key is not in known_hosts",
  },
  {
    name: "changed",
    server: "plain",
    address: 22,
    standing: "changed",
    hint: "known_hosts has another key for it",
  },
  {
    name: "revoked",
    server: "plain",
    address: 23,
    standing: "revoked",
    hint: "its key is revoked in known_hosts",
  },
  {
    name: "signed",
    server: "signed",
    address: 30,
    standing: "signed",
    hint: "known_hosts has the authority that signed its key",
  },
  {
    name: "missigned",
    server: "signed",
    address: 31,
    standing: "missigned",
    hint: "known_hosts has another authority than the one that signed its key",
  },
  {
    name: "password",
    server: "password",
    address: 10,
    user: "ada",
    hint: "accepts only a password",
  },
  {
    name: "questions",
    server: "questions",
    address: 11,
    user: "ada",
    hint: "asks for the password (keyboard-interactive, PAM)",
  },
  {
    name: "accounts",
    server: "accounts",
    address: 12,
    hint: "checks accounts by PAM: the account `old` has expired",
  },
  {
    name: "closed",
    server: "closed",
    address: 13,
    hint: "accepts a key, and forwards no connections",
  },
  {
    name: "via-closed",
    server: "plain",
    address: 20,
    jump: "closed",
    hint: "cannot be reached through `closed`",
  },
  {
    name: "single",
    server: "single",
    address: 14,
    hint: "one session on a connection (MaxSessions 1)",
  },
  {
    name: "strange",
    server: "strange",
    address: 15,
    hint: "agrees on no key exchange but sntrup761",
  },
  {
    name: "strict",
    server: "strict",
    address: 18,
    hint: "FIPS 140: AES, SHA-2 and ECDSA, and new keys after each megabyte",
  },
  ...newerRootNeed.ignore ? [] : [
    {
      name: "strict-newer",
      server: "strict-newer",
      address: 19,
      hint: "the same with OpenSSH 10",
    },
    {
      name: "newer",
      server: "newer",
      address: 16,
      hint: "Debian 13: OpenSSH 10 and sudo-rs",
    },
    {
      name: "banning",
      server: "banning",
      address: 17,
      hint: "OpenSSH 10, which bans an address after one failed login",
    },
  ],
  { name: "far", server: "far", address: 130, hint: "can be cut off" },
  {
    name: "bastion",
    server: "bastion",
    address: 66,
    hint: "stock sshd (MaxStartups 10:30:100)",
  },
  ...Array.from({ length: INNER_HOSTS }, (_, i): HostPlan => ({
    name: `inner${String(i + 1).padStart(2, "0")}`,
    server: "inner",
    address: `10.77.1.${i + 1}`,
    jump: "bastion",
    hint: "behind `bastion`",
  })),
  {
    name: "second",
    server: "second",
    address: "10.77.2.1",
    jump: "bastion",
    hint: "reached through `bastion`, and a bastion itself",
  },
  {
    name: "deep",
    server: "deep",
    address: "10.77.3.1",
    jump: "second",
    hint: "reached through `second`",
  },
];
