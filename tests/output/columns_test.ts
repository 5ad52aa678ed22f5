import { assertEquals } from "@std/assert";
import { columnsText } from "../../src/output/columns.ts";

Deno.test("columnsText() aligns cells and marks empty ones", () => {
  assertEquals(
    columnsText([["RUN", "ENDED"], ["1234", ""], ["5", "2 ok"]]),
    "RUN   ENDED\n1234  -\n5     2 ok\n",
  );
});

Deno.test("columnsText() escapes cells, and cuts lines to a width", () => {
  assertEquals(columnsText([["a\x1b[2J", "b\nc"]]), "a\\x1b[2J  b\\nc\n");
  assertEquals(columnsText([["abc", "defgh"]], { width: 8 }), "abc  de…\n");
  assertEquals(columnsText([]), "");
});
