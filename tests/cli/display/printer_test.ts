import { assert, assertEquals } from "@std/assert";
import { Printer } from "../../../src/cli/display/printer.ts";

const never = new AbortController().signal;
const LINES = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`);

Deno.test("a printer writes everything in order, in small parts", async () => {
  const parts: string[] = [];
  const printer = new Printer({
    write: (text) => parts.push(text),
    isTerminal: true,
  });
  printer.add(LINES.slice(0, 50_000).join(""));
  for (const line of LINES.slice(50_000)) printer.add(line);
  const drained = printer.drain(never);
  printer.add("last\n");
  await drained;
  assertEquals(parts.join(""), LINES.join("") + "last\n");
  assert(parts.every((part) => part.length <= 65_537 && part.endsWith("\n")));
});

Deno.test("an interrupt ends printing on a terminal, but for the last lines", async () => {
  for (const isTerminal of [true, false]) {
    const interrupt = new AbortController();
    const parts: string[] = [];
    const printer = new Printer({
      write(text) {
        parts.push(text);
        setTimeout(() => interrupt.abort());
      },
      isTerminal,
    });
    printer.add(LINES.join(""));
    printer.add("1 host: 1 ok\n");
    await printer.drain(interrupt.signal);
    const text = parts.join("");
    assert(text.startsWith("line 0\n"));
    assert(text.endsWith("line 99999\n1 host: 1 ok\n"));
    assertEquals(text.includes("line 50000\n"), !isTerminal);
    assertEquals(
      text.includes("\n… the rest was not printed after ^C\nline "),
      isTerminal,
    );
  }
});
