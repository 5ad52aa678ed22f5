import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createHmac, randomBytes } from "node:crypto";
import { HashedNames } from "../../../src/transport/known_hosts/hashed_names.ts";

function hashed(name: string): { salt: string; hash: string } {
  const salt = randomBytes(20);
  return {
    salt: salt.toString("base64"),
    hash: createHmac("sha1", salt).update(name).digest("base64"),
  };
}

Deno.test("find() agrees with the runtime's HMAC, whatever the name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 150 }), (name) => {
      const names = new HashedNames<number>();
      names.add(hashed(`${name}x`), 1);
      names.add(hashed(name), 2);
      names.add(hashed(name), 3);
      assertEquals(names.find(name), [2, 3]);
    }),
    { numRuns: 100 },
  );
});

Deno.test("find() includes later additions, and skips invalid hashes", () => {
  const names = new HashedNames<string>();
  assertEquals(names.find("web1"), []);
  names.add(hashed("web1"), "one");
  names.add({ salt: "YQ==", hash: hashed("web1").hash }, "short");
  names.add({ salt: "%", hash: "%" }, "none");
  assertEquals(names.find("web1"), ["one"]);
  names.add(hashed("web1"), "two");
  assertEquals(names.find("web1"), ["one", "two"]);
  assertEquals(names.find("web2"), []);
});
