import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
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
    await printer.end(interrupt.signal);
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

/** A printer to a pipe whose time goes on by hand, and what it has written. */
function toPipe() {
  const written: string[] = [];
  const pipe = { isBroken: false };
  let elapse = () => {};
  const printer = new Printer({
    write(text) {
      if (pipe.isBroken) throw new Deno.errors.BrokenPipe("Broken pipe");
      written.push(text);
    },
    isTerminal: false,
    startTimer(callback) {
      elapse = callback;
      return () => elapse = () => {};
    },
  });
  return { printer, written, pipe, elapse: () => elapse() };
}

Deno.test("a program gets the first text at once, and what follows together", async () => {
  const { printer, written, elapse } = toPipe();
  for (const text of ["1", "2", "3"]) printer.add(text);
  assertEquals(written, ["1"]);
  elapse();
  assertEquals(written, ["1", "23"]);
  printer.add("4");
  printer.add("5");
  assertEquals(written, ["1", "23", "4"]);
  await printer.end(never);
  assertEquals(written, ["1", "23", "4", "5"]);
});

Deno.test("what is gathered for a program is bounded", async () => {
  const { printer, written } = toPipe();
  for (const line of LINES) printer.add(line);
  const all = LINES.join("");
  assert(written.every((text) => text.length < 2 * 65_536));
  assert(all.length - written.join("").length < 65_536);
  await printer.end(never);
  assertEquals(written.join(""), all);
});

Deno.test("what is gathered is written before what goes elsewhere", async () => {
  const { printer, written } = toPipe();
  printer.add("1");
  printer.add("2");
  printer.flush();
  assertEquals(written, ["1", "2"]);
  await printer.end(never);
});

Deno.test("an error in writing gathered text ends the printing", async () => {
  const { printer, pipe, elapse } = toPipe();
  printer.add("1");
  printer.add("2");
  pipe.isBroken = true;
  assert(!printer.failed.aborted);
  elapse();
  assert(printer.failed.aborted); // before there is any other text
  assertThrows(() => printer.add("3"), Deno.errors.BrokenPipe);
  await assertRejects(() => printer.end(never), Deno.errors.BrokenPipe);
});

Deno.test("an error in writing to a terminal is told to all that wait", async () => {
  const printer = new Printer({
    write() {
      throw new Deno.errors.BrokenPipe("Broken pipe");
    },
    isTerminal: true,
  });
  printer.add("1");
  await assertRejects(() => printer.drain(never), Deno.errors.BrokenPipe);
  assert(printer.failed.aborted);
  assertThrows(() => printer.add("2"), Deno.errors.BrokenPipe);
});
