import { assertEquals } from "@std/assert";
import { ModulePrinting } from "../../../src/core/work/module_printing.ts";

/** What is passed on of output that comes in these pieces. */
function shownOf(...pieces: string[]): string {
  let shown = "";
  const printing = new ModulePrinting((event) => {
    if (event.type === "Output") shown += event.data.text;
  });
  for (const text of pieces) {
    printing.push({ type: "Output", data: { stream: "stdout", text } });
  }
  printing.end();
  return shown;
}

Deno.test("ModulePrinting passes on everything but the result", () => {
  const cases: [string[], string][] = [
    [["\n", '{"changed": true}\n'], ""],
    [['\n{"chan', 'ged": true}'], ""],
    [["hello\n", "\n", '{"a": 1}\n'], "hello\n"],
    [['{\n  "a": {\n', "  }\n}\n"], ""],
    [['{"a": 1}\n', "a warning\n"], "a warning\n"],
    [['{"a": 1}\n', 'x\n{"b": 2}\n'], 'x\n{"a": 1}\n'],
    [["{not JSON\n", "at all\n"], "{not JSON\nat all\n"],
    [["50%\r"], "50%\r"],
    [["a\n\nb\n"], "a\n\nb\n"],
  ];
  for (const [pieces, shown] of cases) {
    assertEquals(shownOf(...pieces), shown, pieces.join(""));
  }
});

Deno.test("ModulePrinting passes on output without a newline as it comes", () => {
  let shown = "";
  const printing = new ModulePrinting((event) => {
    if (event.type === "Output") shown += event.data.text;
  });
  printing.push({ type: "Output", data: { stream: "stdout", text: "10%" } });
  assertEquals(shown, "10%");
});
