// What known_hosts files say of a host's key, judged by us and by the system's
// `ssh` from the same files. One server; the files differ.
import { assertEquals } from "@std/assert";
import { parseKnownHosts } from "../../src/transport/known_hosts/known_hosts.ts";
import {
  fingerprint,
  knownAs,
} from "../../src/transport/ssh/host_key/verify_host_key.ts";
import { needProgram } from "../support/need.ts";
import {
  generateKey,
  publicKeyLine,
  startSshServer,
} from "../support/ssh_server.ts";

const ssh = needProgram("ssh");
const sshKeygen = needProgram("ssh-keygen");

type Standing = "known" | "unknown" | "different" | "revoked";

async function output(program: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return text.decode(stdout) + text.decode(stderr);
}

/** A key of another type than the server's. */
async function otherType(folder: string): Promise<string> {
  const file = `${folder}/ecdsa`;
  await output(sshKeygen.path, [
    ...["-q", "-t", "ecdsa", "-N", "", "-f", file],
  ]);
  const text = await Deno.readTextFile(`${file}.pub`);
  return text.split(" ").slice(0, 2).join(" ");
}

async function hashed(folder: string, line: string): Promise<string> {
  const file = `${folder}/to_hash`;
  await Deno.writeTextFile(file, `${line}\n`);
  await output(sshKeygen.path, ["-H", "-f", file]);
  return await Deno.readTextFile(file);
}

Deno.test({
  name:
    "a host's key has the standing that ssh gives it, whatever the files say" +
    ssh.suffix,
  ignore: ssh.ignore,
  fn: async () => {
    const server = await startSshServer();
    const { folder, port } = server;
    try {
      const own = server.hostKey;
      const blob = Uint8Array.from(
        atob(own.split(" ")[1]!),
        (c) => c.charCodeAt(0),
      );
      const base64 = own.split(" ")[1]!;
      const other = publicKeyLine(generateKey());
      const ecdsa = await otherType(folder);
      const at = `[127.0.0.1]:${port}`;
      const hash = (line: string) => hashed(folder, line);
      const cases: [string, string[], string?][] = [
        ["nothing", [""]],
        ["the key at its port", [`${at} ${own}`]],
        ["the key at the name alone", [`127.0.0.1 ${own}`]],
        ["another at its port", [`${at} ${other}`]],
        ["another at the name alone", [`127.0.0.1 ${other}`]],
        ["another type at its port", [`${at} ${ecdsa}`]],
        ["another type at the name alone", [`127.0.0.1 ${ecdsa}`]],
        [
          "another type at its port, the key at the name",
          [`${at} ${ecdsa}\n127.0.0.1 ${own}`],
        ],
        [
          "another at its port, the key at the name",
          [`${at} ${other}\n127.0.0.1 ${own}`],
        ],
        ["another and the key", [`${at} ${other}\n${at} ${own}`]],
        ["another type and the key", [`${at} ${ecdsa}\n${at} ${own}`]],
        ["two files", [`${at} ${other}`, `${at} ${own}`]],
        ["two files, one revokes", [`${at} ${own}`, `@revoked ${at} ${own}`]],
        ["revoked at its port", [`@revoked ${at} ${own}`]],
        ["revoked everywhere", [`@revoked * ${own}`]],
        [
          "known and revoked",
          [`${at} ${own}\n@revoked ${at} ${own}`],
        ],
        ["another one revoked", [`${at} ${own}\n@revoked ${at} ${other}`]],
        [
          "known at its port, revoked at the name",
          [`${at} ${own}\n@revoked 127.0.0.1 ${own}`],
        ],
        ["an authority", [`@cert-authority ${at} ${other}`]],
        ["an authority with the key", [`@cert-authority ${at} ${own}`]],
        [
          "an authority, and the key",
          [`@cert-authority * ${other}\n${at} ${own}`],
        ],
        ["a hashed name", [await hash(`${at} ${own}`)]],
        ["a hashed name, another key", [await hash(`${at} ${other}`)]],
        ["a hashed name without port", [await hash(`127.0.0.1 ${own}`)]],
        ["a list of names", [`web1,${at},web2 ${own}`]],
        ["a pattern", [`[127.0.*]:* ${own}`]],
        ["a pattern, another key", [`[127.0.*]:* ${other}`]],
        ["a negated name", [`*,!${at} ${own}`]],
        ["only negated", [`!${at} ${own}`]],
        ["a question mark", [`[127.0.0.?]:${port} ${own}`]],
        ["spaces, tabs and a comment", [` \t${at}\t ${own}\tme # too`]],
        ["a commented line", [`#${at} ${own}`]],
        ["a line of DOS", [`${at} ${own}\r\n`]],
        ["no end of line", [`${at} ${own}`]],
        ["an unknown marker", [`@known ${at} ${own}`]],
        ["a type that is not the key's", [`${at} ssh-rsa ${base64}`]],
        [
          "a type that is not the key's, beside the key",
          [`${at} ${ecdsa.split(" ")[0]} ${base64}\n${at} ${own}`],
        ],
        ["a key cut short", [`${at} ssh-ed25519 ${base64.slice(0, 40)}`]],
        ["a key that is not base64", [`${at} ssh-ed25519 !!!!`]],
        ["a key with more after it", [`${at} ${own}AAAA`]],
        ["no key", [`${at} ssh-ed25519`]],
        ["no type", [`${at} ${base64}`]],
        ["bits before the key", [`${at} 2048 35 ${base64}`]],
        ["a line that makes no sense", [`garbage\n${at} ${own}`]],
        ["an alias", [`web1 ${own}`], "web1"],
        ["an alias in capitals", [`web1 ${own}`], "WEB1"],
        ["an alias, another key", [`web1 ${other}`], "web1"],
        ["an alias, the key at its port", [`${at} ${own}`], "web1"],
        ["an alias with a pattern", [`web* ${own}`], "web1"],
        ["an alias, hashed", [await hash(`web1 ${own}`)], "web1"],
        ["an alias, revoked", [`@revoked web1 ${own}`], "web1"],
      ];
      const theirs: Record<string, Standing> = {};
      const ours: Record<string, Standing> = {};
      for (const [i, [name, texts, alias]] of cases.entries()) {
        const files = texts.map((text, j) => ({
          path: `${folder}/known_${i}_${j}`,
          text,
        }));
        for (const { path, text } of files) {
          await Deno.writeTextFile(path, text);
        }
        const { address, port: knownPort } = knownAs(server.endpoint({
          ...(alias !== undefined && { ssh: { hostKeyAlias: alias } }),
        }));
        const verdict = parseKnownHosts(files)
          .check(address, knownPort, { type: "ssh-ed25519", blob });
        ours[name] = verdict.verdict === "changed" ||
            verdict.verdict === "unknown" && verdict.others.length > 0
          ? "different"
          : verdict.verdict;
        const said = await output(ssh.path, [
          ...["-F", "none", "-v", "-o", "BatchMode=yes", "-p", String(port)],
          ...["-o", "StrictHostKeyChecking=yes"],
          ...["-o", "HostKeyAlgorithms=ssh-ed25519"],
          ...["-o", `UserKnownHostsFile=${files.map((f) => f.path).join(" ")}`],
          ...["-o", "GlobalKnownHostsFile=/dev/null"],
          ...["-o", "PubkeyAuthentication=no"],
          ...alias === undefined ? [] : ["-o", `HostKeyAlias=${alias}`],
          ...["--", "127.0.0.1", "true"],
        ]);
        assertEquals(said.includes(fingerprint(blob)), true, said);
        theirs[name] = /is known and matches|found matching key/.test(said)
          ? "known"
          : /REVOKED HOST KEY/.test(said)
          ? "revoked"
          : /IDENTIFICATION HAS CHANGED/.test(said)
          ? "different"
          : "unknown";
      }
      assertEquals(ours, theirs);
    } finally {
      await server.stop();
    }
  },
});
