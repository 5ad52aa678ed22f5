import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { lookAtKey } from "../../../src/transport/openssh/key_file_header.ts";

/** The start of a private key file for a type of key (PROTOCOL.key of OpenSSH). */
function armored(type: string): string {
  const string = (text: string) =>
    `\0\0\0${String.fromCharCode(text.length)}${text}`;
  const publicKey = string(type) + string("?");
  const body = btoa(
    "openssh-key-v1\0" + string("none").repeat(2) + string("") + "\0\0\0\x01" +
      string(publicKey),
  ).replace(/.{20}/g, "$&\n");
  const name = "OPENSSH PRIVATE KEY";
  return `-----BEGIN ${name}-----\n${body}\n-----END ${name}-----\n`;
}

/** Inspects the key `id` in a folder with these files. */
function look(files: Readonly<Record<string, string>>) {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, text] of Object.entries(files)) {
      Deno.writeTextFileSync(join(folder, name), text);
    }
    const key = lookAtKey(join(folder, "id"));
    return key && {
      trouble: key.trouble,
      certificate: key.certificate?.slice(folder.length + 1),
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const PLAIN = { trouble: undefined, certificate: undefined };

Deno.test("lookAtKey() finds no trouble with an ordinary key", () => {
  assertEquals(look({ id: armored("ssh-ed25519") }), PLAIN);
});

Deno.test("lookAtKey() recognizes a security key by either half", () => {
  const key = { ...PLAIN, trouble: "a security key" } as const;
  for (const type of ["ssh-ed25519", "ecdsa-sha2-nistp256"]) {
    assertEquals(look({ id: armored(`sk-${type}@openssh.com`) }), key);
  }
  assertEquals(
    look({ id: "?", "id.pub": "sk-ecdsa-sha2-nistp256@openssh.com AAAA" }),
    key,
  );
});

Deno.test("lookAtKey() recognizes PKCS#8, encrypted or not", () => {
  const key = { ...PLAIN, trouble: "a PKCS#8 key" } as const;
  assertEquals(look({ id: "-----BEGIN PRIVATE KEY-----\n" }), key);
  assertEquals(look({ id: "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" }), key);
  assertEquals(look({ id: "-----BEGIN RSA PRIVATE KEY-----\n" }), PLAIN);
});

Deno.test("lookAtKey() finds the certificate, even of a key that only an agent has", () => {
  assertEquals(
    look({ "id-cert.pub": "ssh-ed25519-cert-v01@openssh.com AAAA" }),
    { ...PLAIN, certificate: "id-cert.pub" },
  );
});

Deno.test("lookAtKey() returns nothing for a key without any file", () => {
  assertEquals(look({}), undefined);
});

Deno.test("lookAtKey() finds no trouble with text that is not a key", () => {
  const broken = "-----BEGIN OPENSSH PRIVATE KEY-----\n%%%\n-----END";
  assertEquals(look({ id: broken }), PLAIN);
});
