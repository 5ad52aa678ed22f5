import { assertEquals } from "@std/assert";
import { errorText, UsageError } from "../../../src/cli/process/exit_code.ts";

Deno.test("errorText() breaks a hint between words", () => {
  const error = new UsageError("Cannot do it", {
    hint: "Put ! before a shell command",
  });
  assertEquals(
    errorText(error, 24),
    "ftl: Cannot do it\n     Put ! before a\n     shell command\n",
  );
  assertEquals(
    errorText(error),
    "ftl: Cannot do it\n     Put ! before a shell command\n",
  );
});
