import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { type ParsedKey, utils } from "ssh2";
import { repairEcdsaKey } from "../../../../src/transport/ssh/keys/ecdsa.ts";
import { generateKey } from "../../../support/ssh_server.ts";

function parse(text: string): ParsedKey {
  const key = utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** A key with the leading zero that OpenSSH's format adds to a high number. */
function generate(bits: 256 | 384): ParsedKey {
  return parse(utils.generateKeyPairSync("ecdsa", { bits }).private);
}

/** What the runtime refuses comes back as an Error in place of a signature. */
function signs(key: ParsedKey): boolean {
  const data = Buffer.from("data");
  const signature: Buffer | Error = key.sign(data);
  return !(signature instanceof Error) && key.verify(data, signature) === true;
}

for (const bits of [256, 384] as const) {
  Deno.test(`repairEcdsaKey() makes every key of P-${bits} sign`, () => {
    const keys = Array.from({ length: 16 }, () => generate(bits));
    assertEquals(keys.some(signs), false); // else there is nothing to repair
    assertEquals(keys.map(repairEcdsaKey).every(signs), true);
  });
}

Deno.test("repairEcdsaKey() keeps the public key and the comment", () => {
  const key = generate(256);
  key.comment = "me@here";
  const repaired = repairEcdsaKey(key);
  assertEquals(repaired.comment, "me@here");
  assertEquals(repaired.getPublicSSH(), key.getPublicSSH());
});

Deno.test("repairEcdsaKey() leaves other keys alone", () => {
  const key = parse(generateKey());
  assertEquals(repairEcdsaKey(key), key);
});
