import { assertEquals, assertThrows } from "@std/assert";
import {
  continues,
  LineJoiner,
  readLine,
  wordWithoutColon,
} from "../../../src/console/lines/line.ts";

Deno.test("readLine() tells calls, commands, words and comments apart", () => {
  assertEquals(readLine("  service name=nginx state=restarted "), {
    kind: "call",
    module: "service",
    text: "name=nginx state=restarted",
  });
  assertEquals(readLine("! df -h"), { kind: "exec", command: "df -h" });
  assertEquals(readLine(":use web:&db"), {
    kind: "word",
    word: "use",
    text: "web:&db",
  });
  assertEquals(readLine("# a note"), { kind: "nothing" });
  assertEquals(readLine("   "), { kind: "nothing" });
});

Deno.test("readLine() takes the begin of a word that means one only", () => {
  assertEquals(readLine(":q"), { kind: "word", word: "quit", text: "" });
  assertThrows(() => readLine(":d"), SyntaxError, ":drop, :diff, :doc");
});

Deno.test("readLine() suggests the word that a mistyped one is near to", () => {
  assertThrows(() => readLine(":gats"), SyntaxError, "did you mean :gates?");
  assertThrows(() => readLine(":xyzzy"), SyntaxError, "did you mean :help?");
});

Deno.test("readLine() refuses what is no module's name", () => {
  assertThrows(() => readLine("$HOME"), SyntaxError, "Not the name of a");
  assertThrows(() => readLine("!"), SyntaxError, "No command");
});

Deno.test("a line goes on behind an open quote or a backslash", () => {
  assertEquals(continues(`copy content="a`), "quote");
  assertEquals(continues(`copy content="a 'b"`), undefined);
  assertEquals(continues(`copy content='a\\`), "quote");
  assertEquals(continues("copy \\"), "backslash");
  assertEquals(continues("copy \\\\"), undefined);
  assertEquals(continues(`copy "a\\"`), "quote");
});

Deno.test("a comment never goes on, and a word only behind a backslash", () => {
  assertEquals(continues("# don't \\"), undefined);
  assertEquals(continues(":vars o'neill"), undefined);
  assertEquals(continues(":use web \\"), "backslash");
});

Deno.test("LineJoiner keeps newlines in quotes and drops those behind a backslash", () => {
  const joiner = new LineJoiner();
  assertEquals(joiner.push("copy \\"), undefined);
  assertEquals(joiner.push("content='a"), undefined);
  assertEquals(joiner.isOpen, true);
  assertEquals(joiner.push("b'"), "copy content='a\nb'");
  assertEquals(joiner.isOpen, false);
});

Deno.test("LineJoiner gives up what is not whole at the end", () => {
  const joiner = new LineJoiner();
  joiner.push("copy content='a");
  assertEquals(joiner.end(), "copy content='a\n");
  assertEquals(joiner.end(), undefined);
});

Deno.test("wordWithoutColon() knows who forgot the colon", () => {
  assertEquals(wordWithoutColon(" exit"), "quit");
  assertEquals(wordWithoutColon("use web"), "use");
  assertEquals(wordWithoutColon("uptime -s"), undefined);
});
