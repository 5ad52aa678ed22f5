// Lines that the terminal itself edits, and ^C as a signal between them.
import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { assertEquals } from "@std/assert";
import { PlainEditor } from "../../../src/console/terminal/plain_editor.ts";

/** An editor during a call; ^C drops what was typed ahead, as the console does. */
function busyEditor() {
  const input = new PassThrough();
  const dropped: number[] = [];
  let written = "";
  const editor = new PlainEditor({
    input: input as unknown as ReadStream,
    write: (text) => void (written += text),
    complete: () => Promise.reject(new Error("Not asked for")),
    onKey: (key) => {
      if (key === "interrupt") dropped.push(editor.dropAhead());
    },
    stopWarning: () => "",
  });
  editor.isBusy = true;
  /** Types text, until the editor has it. */
  const type = async (text: string) => {
    const taken = new Promise((resolve) => input.once("data", resolve));
    input.write(text);
    await taken;
  };
  return { editor, type, dropped, written: () => written };
}

Deno.test("^C drops the lines before it, and keeps those after it while a call ends", async () => {
  const { editor, type, dropped, written } = busyEditor();
  await type("one\ntwo\n");
  editor.interrupt();
  await type("three\n");
  editor.isBusy = false;
  assertEquals(await editor.read("> "), { kind: "line", text: "three" });
  assertEquals([dropped, written()], [[2], "\n> three\n"]);
  editor.close();
});
