import { assertEquals } from "@std/assert";
import { createCipheriv, randomBytes } from "node:crypto";
import { chacha20 } from "../../../../src/transport/ssh/library/chacha20.ts";

Deno.test("chacha20() gives the example of RFC 8439, section 2.4.2", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const start = Uint8Array.fromHex("01000000000000000000004a00000000");
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  assertEquals(
    new Uint8Array(chacha20(key, start, new TextEncoder().encode(text)))
      .toHex(),
    "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d",
  );
});

Deno.test("chacha20() agrees with Node's cipher for any key and length", () => {
  for (let length = 0; length < 600; length++) {
    const [key, start] = [randomBytes(32), randomBytes(16)];
    start.fill(0xff, 0, length % 3); // a number that is about to grow
    start.fill(0, 3, 4);
    const message = randomBytes(length);
    const expected = createCipheriv("chacha20", key, start).update(message);
    assertEquals(chacha20(key, start, message), expected);
  }
});
