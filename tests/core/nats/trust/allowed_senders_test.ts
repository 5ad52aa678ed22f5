import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import {
  AllowedSenders,
  parseAllowedSenders,
} from "../../../../src/core/nats/trust/allowed_senders.ts";
import { FtlError } from "../../../../src/errors.ts";

const KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICDpyed1o7/qAx+wk6xX89hg47r9BJE6aUrXDjeI5fsD";
const OTHER =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB5sU6vAwE6DsW4Wd5/Hx7YlrkGyThprWmyXjZSjHAwr";
const bytesOf = (line: string) => Uint8Array.fromBase64(line.split(" ")[1]!);
const parse = (text: string) => parseAllowedSenders(text, "allowed");
const NAMESPACE = "ftl-call";

Deno.test("parseAllowedSenders() reads lines of allowed_signers and of authorized_keys", () => {
  const list = parse([
    "# senders",
    "",
    `alice@example.com,alice ${KEY} laptop`,
    `*@example.com,!eve@example.com,ops ${KEY}`,
    `bob namespaces="file,ftl-*",valid-before="20270101Z" ${KEY}`,
    `  ${KEY} carol's key\r`,
    KEY,
  ].join("\n"));
  assertEquals(list.map(({ name, line }) => [name, line]), [
    ["alice@example.com", 3],
    ["ops", 4],
    ["bob", 5],
    ["carol's key", 6],
    [list[4]!.name, 7],
  ]);
  assertEquals(list[4]!.name.startsWith("SHA256:"), true);
  assertEquals(list[2]!.namespaces, ["file", "ftl-*"]);
  assertEquals(list[2]!.validBefore, Date.UTC(2027, 0, 1));
  assertEquals(list[0]!.publicKey.toHex(), bytesOf(KEY).toHex());
});

Deno.test("parseAllowedSenders() refuses what it cannot honor, with file and line", () => {
  const wrong: [string, string][] = [
    ["alice", "it has no public key"],
    [`restrict,command="x" ${KEY}`, "the option restrict,command"],
    [`alice cert-authority ${KEY}`, "the option cert-authority"],
    [`alice valid-before="tomorrow" ${KEY}`, "tomorrow is not a time"],
    [`alice valid-before="20261399" ${KEY}`, "20261399 is not a time"],
    [`alice x y ${KEY}`, "too many words"],
    [`alice ${KEY.slice(0, -4)}`, "damaged"],
    [`alice ${KEY}AAAA`, "damaged"],
    [`alice ssh-ed25519`, "damaged"],
    ["alice sk-ssh-ed25519@openssh.com AAAA", "not supported"],
    ["alice ssh-dss AAAA", "not supported"],
  ];
  for (const [line, why] of wrong) {
    const error = assertThrows(() => parse(`\n${line}\n`), FtlError, why);
    assertEquals(error.message.startsWith("Cannot read allowed:2: "), true);
  }
});

Deno.test("require() gives the line of a key, or says which key is missing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "allowed");
    const senders = new AllowedSenders(path);
    const now = Date.UTC(2026, 5, 1);
    const asked = { namespace: NAMESPACE, now };
    await assertRejects(
      () => senders.require(bytesOf(KEY), asked),
      FtlError,
      `Cannot read the allowed senders in ${path}`,
    );
    await Deno.writeTextFile(path, `alice ${KEY}\n`);
    assertEquals((await senders.require(bytesOf(KEY), asked)).name, "alice");
    const error = await assertRejects(
      () => senders.require(bytesOf(OTHER), asked),
      FtlError,
      `is not in ${path}`,
    );
    assertEquals(
      error.message.startsWith("Cannot accept a call: the key SHA256:"),
      true,
    );
    // What changes in the file counts at once.
    await Deno.writeTextFile(
      path,
      `alice valid-before="20260101Z" ${KEY}\nbob namespaces="file" ${OTHER}\n`,
    );
    await assertRejects(
      () => senders.require(bytesOf(KEY), asked),
      FtlError,
      "allowed:1) was valid before 2026-01-01T00:00:00.000Z only",
    );
    await assertRejects(
      () => senders.require(bytesOf(OTHER), asked),
      FtlError,
      "allowed:2) is not for the namespace ftl-call",
    );
    await Deno.chmod(path, 0o666);
    await assertRejects(
      () => senders.require(bytesOf(KEY), asked),
      FtlError,
      "everybody can write to it",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
