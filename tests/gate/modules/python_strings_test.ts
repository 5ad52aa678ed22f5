import { assertEquals } from "@std/assert";
import { readAssignedStrings } from "../../../src/gate/modules/python_strings.ts";

function valueOf(literal: string): string | undefined {
  return readAssignedStrings(`X = ${literal}\n`).get("X");
}

Deno.test("readAssignedStrings() reads literals as Python does", () => {
  assertEquals(valueOf(`"a\\tb\\x41\\u00e9\\101\\q"`), "a\tbAéA\\q");
  assertEquals(valueOf(`r'a\\tb'`), "a\\tb");
  assertEquals(valueOf(`'''a\n'b' \\\nc'''`), "a\n'b' c");
  assertEquals(valueOf(`"a" 'b'`), "ab");
  assertEquals(valueOf(`("a"\n  "b")`), "ab");
  assertEquals(valueOf(`u"\\U0001F600"`), "😀");
});

Deno.test("readAssignedStrings() leaves out computed values", () => {
  assertEquals(valueOf(`"a" + "b"`), undefined);
  assertEquals(valueOf(`f()`), undefined);
  assertEquals(valueOf(`["a"]`), undefined);
});

Deno.test("readAssignedStrings() reads the top level and the bodies of its classes", () => {
  const strings = readAssignedStrings(
    "A = '1'\nclass C(object):\n    B = '2'\ndef f():\n    D = '3'\nA = '4'\n",
  );
  assertEquals([...strings], [["A", "4"], ["B", "2"]]);
});
