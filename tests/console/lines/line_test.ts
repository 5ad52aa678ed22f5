import { assertEquals, assertThrows } from "@std/assert";
import {
  continues,
  LineJoiner,
  readLine,
  wordWithoutColon,
} from "../../../src/console/lines/line.ts";

Deno.test("readLine() distinguishes calls, shell commands, console commands and comments", () => {
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

Deno.test("readLine() accepts an unambiguous prefix of a command", () => {
  assertEquals(readLine(":q"), { kind: "word", word: "quit", text: "" });
  assertThrows(() => readLine(":d"), SyntaxError, ":drop, :diff, :doc");
});

Deno.test("readLine() suggests the command closest to a mistyped one", () => {
  assertThrows(() => readLine(":gats"), SyntaxError, "did you mean :gates?");
  assertThrows(
    () => readLine(":xyzzy"),
    SyntaxError,
    ":help lists all commands",
  );
});

Deno.test("readLine() refuses text that is not a module name", () => {
  assertThrows(
    () => readLine("$HOME"),
    SyntaxError,
    "it is not a module name; ! starts a shell command",
  );
  assertThrows(() => readLine("!"), SyntaxError, "no command");
});

Deno.test("a line continues after an open quote or a backslash", () => {
  assertEquals(continues(`copy content="a`), "quote");
  assertEquals(continues(`copy content="a 'b"`), undefined);
  assertEquals(continues(`copy content='a\\`), "quote");
  assertEquals(continues("copy \\"), "backslash");
  assertEquals(continues("copy \\\\"), undefined);
  assertEquals(continues(`copy "a\\"`), "quote");
});

Deno.test("a comment never continues, and a console command only after a backslash", () => {
  assertEquals(continues("# don't \\"), undefined);
  assertEquals(continues(":vars o'neill"), undefined);
  assertEquals(continues(":use web \\"), "backslash");
});

Deno.test("LineJoiner keeps newlines in quotes and drops those after a backslash", () => {
  const joiner = new LineJoiner();
  assertEquals(joiner.push("copy \\"), undefined);
  assertEquals(joiner.push("content='a"), undefined);
  assertEquals(joiner.isOpen, true);
  assertEquals(joiner.push("b'"), "copy content='a\nb'");
  assertEquals(joiner.isOpen, false);
});

Deno.test("LineJoiner returns an incomplete line at the end", () => {
  const joiner = new LineJoiner();
  joiner.push("copy content='a");
  assertEquals(joiner.end(), "copy content='a\n");
  assertEquals(joiner.end(), undefined);
});

Deno.test("wordWithoutColon() recognizes a command without its colon", () => {
  assertEquals(wordWithoutColon(" exit"), "quit");
  assertEquals(wordWithoutColon("use web"), "use");
  assertEquals(wordWithoutColon("uptime -s"), undefined);
});
