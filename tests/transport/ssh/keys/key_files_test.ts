import { assertRejects } from "@std/assert";
import { join } from "@std/path";
import { KeyFiles } from "../../../../src/transport/ssh/keys/key_files.ts";

Deno.test("a key file that is a pipe does not block", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const pipe = join(folder, "key");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await assertRejects(
      () => new KeyFiles(undefined).identity(pipe),
      Error,
      "it is not a regular file",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
