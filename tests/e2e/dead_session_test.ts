import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../support/ftl.ts";

Deno.test("what a dead session left and nobody can remove fails no command", async () => {
  await using user = await createAccount();
  const folder = join(user.home, ".ftl/sessions", Deno.hostname());
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(join(folder, "dead.sock"), "");
  await Deno.mkdir(join(folder, "dead.lock")); // it cannot be opened to write
  const { code, stdout } = await user.ftl(
    ["run", "debug", "msg=hi", "-i", "h1,", "-c", "local"],
  );
  assertEquals([code, stdout.split("\n")[0]], [0, "h1: ok"]);
});
