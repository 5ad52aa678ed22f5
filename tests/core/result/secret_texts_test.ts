import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SecretTexts } from "../../../src/core/result/secret_texts.ts";

function streamed(secrets: SecretTexts, chunks: readonly string[]): string {
  const stream = secrets.stream();
  return chunks.map((chunk) => stream.push(chunk)).join("") + stream.end();
}

Deno.test("mask() masks every secret, and overlapping ones as one", () => {
  const secrets = new SecretTexts(["hunter2", "ter2go"]);
  assertEquals(secrets.mask("a hunter2 b hunter2go"), "a ******** b ********");
  assertEquals(secrets.mask("nothing"), "nothing");
});

Deno.test("mask() ignores secrets that are too short", () => {
  assertEquals(new SecretTexts(["", "abc"]).mask("abc"), "abc");
});

Deno.test("mask() finds a secret as JSON writes it", () => {
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
      // Secrets that overlap over a cut may be masked once or twice.
      const squeeze = (text: string) => text.replace(/(?:\*{8})+/g, "*");
      assertEquals(squeeze(parts), squeeze(whole));
      assert(texts.every((text) => !parts.includes(text)));
    },
  ));
});

Deno.test("stream() holds back a secret that may be the start of a longer one", () => {
  const secrets = new SecretTexts(["hunter", "hunter2go"]);
  assertEquals(streamed(secrets, ["x hunter", "2go y"]), "x ******** y");
  assertEquals(streamed(secrets, ["x hunter", "s y"]), "x ********s y");
});

const WRITERS: Record<string, (secret: string) => string[]> = {
  python: (secret) => [
    "import json,sys,shlex,urllib.parse as u,base64 as b,pprint",
    "s=sys.stdin.buffer.read().decode()",
    "print(repr(s)); print(ascii(s)); print(repr(s.encode()))",
    "print(repr({'k': [s]})); print(json.dumps(s)); print(shlex.quote(s))",
    "print(json.dumps(s, ensure_ascii=False))",
    "print(u.quote(s)); print(u.quote(s,safe='')); print(u.quote_plus(s))",
    "e=s.encode()",
    "print(b.b64encode(e).decode()); print(b.encodebytes(e).decode())",
    "print(b.urlsafe_b64encode(e).decode())",
    "for p in (b'u:', b'us:', b'use:'): print(b.b64encode(p+e+b'@').decode())",
    `"""${secret.length} units"""`,
  ],
};

Deno.test("mask() finds a secret as Python's modules, shells and URLs write it", async () => {
  const secrets = [
    "hunter2-plain",
    'it\'s "quoted" \\ $HOME `x` !',
    "only 'single' quotes",
    "pässwörd€ with ümlaut \u{1f600}",
    "a/b+c d=e&f?g%h~i(j)*",
    "tab\there and \x01 control",
    "-----BEGIN KEY-----\nMIIEvQIBADANBg/kqhkiG9w0+BAQEFAASC\nabc\n-----END KEY-----\n",
  ];
  for (const secret of secrets) {
    const process = new Deno.Command("python3", {
      args: ["-c", WRITERS.python!(secret).join("\n")],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(secret));
    await writer.close();
    const shown = new TextDecoder().decode((await process.output()).stdout);
    const masked = new SecretTexts([secret]).mask(shown);
    for (const line of masked.split("\n")) {
      // What is left: quotes, a label, and digits at the seams of base64.
      const left = line.replaceAll("********", "")
        .replace(/\\n|\\r|%0A|abc|dXNl?|dX[NM]\w|OkA=|A=*$/gi, "")
        .replace(/[b"'\s{}\[\]:k=]/g, "");
      assert(left.length <= 6, `${JSON.stringify(secret)}: ${line}`);
    }
  }
});

Deno.test("mask() masks each line of a secret, with any line end", () => {
  const secrets = new SecretTexts(["first line\nsecond line\nx\n"]);
  assertEquals(
    secrets.mask("a second line, then first line"),
    "a ********, then ********",
  );
  assertEquals(
    secrets.mask("first line\r\nsecond line\r\nx\r\n."),
    "********.",
  );
});

Deno.test("mask() takes no longer for a thousand secrets, or for one that repeats itself", () => {
  const text = "a".repeat(2 ** 24);
  const elapsed = (secrets: SecretTexts, text: string) => {
    const began = performance.now();
    secrets.mask(text);
    return performance.now() - began;
  };
  const many = new SecretTexts(
    Array.from({ length: 1000 }, () => crypto.randomUUID()),
  );
  // A search for each of them, or one at each unit, would take minutes.
  assert(elapsed(many, "x9 ".repeat(2 ** 22)) < 20_000);
  assert(elapsed(new SecretTexts(["a".repeat(5000) + "b"]), text) < 20_000);
  assert(elapsed(new SecretTexts(["a".repeat(5000)]), text) < 20_000);
});
