import { assertEquals, assertRejects } from "@std/assert";
import { Oracle } from "../../../scripts/fuzz/oracle.ts";

Deno.test("a program is started once, and answers one question after the other", async () => {
  const oracle = new Oracle(
    "/bin/sh",
    "-c",
    'while read -r x; do echo "[$x,$$]"; done',
  );
  try {
    const answers = [await oracle.ask(1), await oracle.ask([2])] as unknown[][];
    assertEquals(answers.map(([first]) => first), [1, [2]]);
    assertEquals(answers[0]![1], answers[1]![1]);
  } finally {
    await oracle.end();
  }
});

Deno.test("a program that has ended is named", async () => {
  const oracle = new Oracle("/bin/sh", "-c", "read -r x");
  await assertRejects(() => oracle.ask(1), Error, "read -r x has ended");
});
