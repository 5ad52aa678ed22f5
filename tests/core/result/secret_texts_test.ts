import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SecretTexts } from "../../../src/core/result/secret_texts.ts";

function streamed(secrets: SecretTexts, chunks: readonly string[]): string {
  const stream = secrets.stream();
  return chunks.map((chunk) => stream.push(chunk)).join("") + stream.end();
}

Deno.test("mask() blots out every secret, and overlapping ones as one", () => {
  const secrets = new SecretTexts(["hunter2", "ter2go"]);
  assertEquals(secrets.mask("a hunter2 b hunter2go"), "a ******** b ********");
  assertEquals(secrets.mask("nothing"), "nothing");
});

Deno.test("mask() leaves texts alone that are too short to tell apart", () => {
  assertEquals(new SecretTexts(["", "abc"]).mask("abc"), "abc");
});

Deno.test("mask() knows a secret as JSON writes it", () => {
  const secrets = new SecretTexts(['a"b\\c', "pässword"]);
  assertEquals(
    secrets.mask(JSON.stringify({ x: 'a"b\\c' })),
    '{"x":"********"}',
  );
  assertEquals(secrets.mask('"p\\u00e4ssword"'), '"********"');
});

Deno.test("stream() masks a secret that is cut in two", () => {
  const secrets = new SecretTexts(["hunter2"]);
  assertEquals(streamed(secrets, ["x hun", "ter", "2 y"]), "x ******** y");
  assertEquals(streamed(secrets, ["x hun", "t"]), "x hunt");
});

Deno.test("stream() holds back only what may become a secret", () => {
  const stream = new SecretTexts(["hunter2"]).stream();
  assertEquals(stream.push("abc hun"), "abc ");
  assertEquals(stream.push("dred"), "hundred");
});

Deno.test("stream() shows what mask() shows, however the text is cut", () => {
  const letters = fc.constantFrom("a", "b");
  const word = fc.string({ unit: letters, minLength: 4, maxLength: 6 });
  fc.assert(fc.property(
    fc.array(word, { minLength: 1, maxLength: 3 }),
    fc.array(fc.string({ unit: letters, maxLength: 5 })),
    (texts, chunks) => {
      const secrets = new SecretTexts(texts);
      const whole = secrets.mask(chunks.join(""));
      const parts = streamed(secrets, chunks);
      // Secrets that overlap over a cut may be blotted out once or twice.
      const squeeze = (text: string) => text.replace(/(?:\*{8})+/g, "*");
      assertEquals(squeeze(parts), squeeze(whole));
      assert(texts.every((text) => !parts.includes(text)));
    },
  ));
});
